"""Sweeping what is over, and walking over everything: both by the indexes of the buckets."""

from collections.abc import Sequence
from contextlib import suppress

from coatcheck.core.errors import CorruptRecord
from coatcheck.core.record import Record, Tombstone
from coatcheck.stores.redis import scripts, values
from coatcheck.stores.redis.keys import BUCKETS, Keys, bucket_of, is_session
from coatcheck.stores.redis.link import Link
from coatcheck.stores.redis.scripts import Call

_SHARES = 32  # of what is wanted, each of the 256 buckets is asked for so small a part


class Upkeep:
    """What operators do, a bounded batch at a time.

    Args:
        link: Reaches the servers.
        keys: Names of keys.
    """

    def __init__(self, link: Link, keys: Keys) -> None:
        self._link = link
        self._keys = keys
        self._rest: tuple[str, list[str]] = ("", [])

    async def sweep(self, before: float, limit: int) -> int:
        """Delete at most `limit` rows that ended or expired before `before`; return how many."""
        swept = 0
        while swept < limit and (due := await self._due(before, limit - swept)):
            calls = [
                Call(
                    scripts.REMOVE,
                    (self._keys.index(bucket), *(self._keys.found(bucket, member) for member in members)),
                    (before, *members),
                )
                for bucket, members in due.items()
            ]
            swept += sum(await self._link.run_all(calls))
        return swept

    async def scan(self, after: str, limit: int) -> list[Record | Tombstone]:
        """Return at most `limit` rows with ids greater than `after`, in order; skips corrupt ones."""
        found: list[Record | Tombstone] = []
        for bucket in BUCKETS:
            if bucket < bucket_of(after):
                continue
            ids = await self._ids(bucket, after)
            while ids and len(found) < limit:
                part, ids = ids[: limit - len(found)], ids[limit - len(found) :]
                found += await self._rows(part)
            if len(found) == limit:
                self._rest = (found[-1].id, ids)
                break
        return found

    async def _due(self, before: float, limit: int) -> dict[str, list[bytes]]:
        """Return some of what is due, at most so much, by bucket."""
        share = max(1, limit // _SHARES)
        asked = [
            ("ZRANGEBYSCORE", self._keys.index(bucket), "-inf", f"({before!r}", "LIMIT", 0, share)
            for bucket in BUCKETS
        ]
        due: dict[str, list[bytes]] = {}
        for bucket, members in zip(BUCKETS, await self._link.commands(asked), strict=True):
            if taken := members[:limit]:
                due[bucket], limit = taken, limit - len(taken)
        return due

    async def _ids(self, bucket: str, after: str) -> list[str]:
        """Return the ids in a bucket that come after one, in order; a walk that goes on asks only once."""
        last, rest = self._rest
        if rest and last == after and bucket == bucket_of(last):
            return rest
        members = await self._link.command("ZRANGE", self._keys.index(bucket), 0, -1)
        named = sorted(member.decode(errors="replace") for member in members)
        return [member for member in named if is_session(member) and member > after]

    async def _rows(self, ids: Sequence[str]) -> list[Record | Tombstone]:
        found: list[Record | Tombstone] = []
        stored = await self._link.commands([("GET", self._keys.session(id)) for id in ids])
        for id, value in zip(ids, stored, strict=True):
            with suppress(CorruptRecord):
                if value is not None:
                    found.append(values.from_value(id, value))
        return found
