"""Sweeping what is over, and walking over everything: both by the indexes of the buckets."""

from collections.abc import Sequence
from contextlib import suppress

from coatcheck.core.errors import CorruptRecord
from coatcheck.core.moving import KeptRow
from coatcheck.core.record import Record, Tombstone
from coatcheck.stores.redis import scripts, small_rows, values
from coatcheck.stores.redis.keys import ROW_BUCKETS, SESSION_BUCKETS, Keys, row_bucket, session_bucket
from coatcheck.stores.redis.link import Command, Link
from coatcheck.stores.redis.scripts import Call

_SHARES = 32  # each bucket is asked for so small a part of what is wanted: there are many
_BUCKETS = (*SESSION_BUCKETS, *ROW_BUCKETS)


class Upkeep:
    """What operators do, a bounded batch at a time.

    Args:
        link: Reaches the servers.
        keys: Names of keys.
    """

    def __init__(self, link: Link, keys: Keys) -> None:
        self._link = link
        self._keys = keys
        self._ids = _Walk()
        self._rows = _Walk()

    async def sweep(self, before: float, limit: int) -> int:
        """Delete at most `limit` rows that ended or expired before `before`; return how many."""
        swept = 0
        while swept < limit and (due := await self._due(before, limit - swept)):
            calls = [
                Call(
                    scripts.REMOVE,
                    (*self._keys.indexes(bucket), *(self._keys.named(bucket, name) for name in names)),
                    (before, *names),
                )
                for bucket, names in due.items()
            ]
            swept += sum(await self._link.run_all(calls))
        return swept

    async def scan(self, after: str, limit: int) -> list[Record | Tombstone]:
        """Return at most `limit` rows with ids greater than `after`, in order; skips corrupt ones."""
        found: list[Record | Tombstone] = []
        for bucket in SESSION_BUCKETS:
            if bucket < session_bucket(after):
                continue
            ids = self._ids.rest(bucket, after) or await self._names_after(after, bucket)
            while ids and len(found) < limit:
                wanted = limit - len(found)
                found += await self._load(ids[:wanted])
                ids = ids[wanted:]
            if len(found) == limit:
                self._ids.pause(bucket, found[-1].id, rest=ids)
                break
        return found

    async def scan_rows(self, after: str, limit: int) -> list[KeptRow]:
        """Return at most `limit` small rows with keys greater than `after`, in order."""
        found: list[KeptRow] = []
        keys = self._rows.rest(after) or await self._names_after(after, *ROW_BUCKETS)
        while keys and len(found) < limit:
            wanted = limit - len(found)
            found += await self._kept(keys[:wanted])
            keys = keys[wanted:]
        if found:
            self._rows.pause(found[-1].key, rest=keys)
        return found

    async def _due(self, before: float, limit: int) -> dict[str, list[bytes]]:
        """Return some of what is due, at most so much, by bucket."""
        share = max(1, limit // _SHARES)
        asked = [
            ("ZRANGEBYSCORE", self._keys.index(bucket), "-inf", f"({before!r}", "LIMIT", 0, share)
            for bucket in _BUCKETS
        ]
        due: dict[str, list[bytes]] = {}
        for bucket, names in zip(_BUCKETS, await self._link.commands(asked), strict=True):
            if taken := names[:limit]:
                due[bucket], limit = taken, limit - len(taken)
        return due

    async def _names_after(self, after: str, *buckets: str) -> list[str]:
        """Return what buckets have after a name, in order."""
        asked = [("ZRANGE", self._keys.index(bucket), 0, -1) for bucket in buckets]
        found = [
            name.decode(errors="replace") for names in await self._link.commands(asked) for name in names
        ]
        return sorted(name for name in found if name > after)

    async def _load(self, ids: Sequence[str]) -> list[Record | Tombstone]:
        found: list[Record | Tombstone] = []
        stored = await self._link.commands([("GET", self._keys.session(id)) for id in ids])
        for id, value in zip(ids, stored, strict=True):
            with suppress(CorruptRecord):
                if value is not None:
                    found.append(values.from_value(id, value))
        return found

    async def _kept(self, keys: Sequence[str]) -> list[KeptRow]:
        asked: list[Command] = [("GET", self._keys.row(key)) for key in keys]
        asked += [("ZSCORE", self._keys.index(row_bucket(key)), key) for key in keys]
        answers = await self._link.commands(asked)
        found: list[KeptRow] = []
        for key, value, expires_at in zip(keys, answers[: len(keys)], answers[len(keys) :], strict=True):
            if value is not None and expires_at is not None:
                row = small_rows.from_value(key, value)
                found.append(KeptRow(key, row.value, row.version, float(expires_at)))
        return found


class _Walk:
    """Where a walk paused, and what it has yet to pass there: no page lists a whole bucket anew.

    So what is created meanwhile may be passed over, until a walk begins anew.
    """

    def __init__(self) -> None:
        self._place: tuple[str, ...] = ()
        self._rest: list[str] = []

    def pause(self, *place: str, rest: list[str]) -> None:
        """Note what is yet to come at a place."""
        self._place, self._rest = place, rest

    def rest(self, *place: str) -> list[str]:
        """Return what is yet to come, if the walk paused at this place."""
        return self._rest if place == self._place else []
