"""The verbs of the skill `Overview`: every bucket is asked for its share, and the answers are merged."""

from contextlib import suppress
from math import inf

from coatcheck.core.errors import CorruptRecord
from coatcheck.core.overview import LOOKED_AT, Page, Place, Sought
from coatcheck.core.record import Record
from coatcheck.stores.redis import values
from coatcheck.stores.redis.keys import SESSION_BUCKETS, Keys
from coatcheck.stores.redis.link import Command, Link

_NEWEST = "ZREVRANGEBYSCORE"
_LOADED = 1_000  # sessions in one round trip


class Overview:
    """Counts live sessions, and shows them from the newest to the oldest.

    Args:
        link: Reaches the servers.
        keys: Names of keys.
    """

    def __init__(self, link: Link, keys: Keys) -> None:
        self._link = link
        self._keys = keys

    async def count_alive(self, now: float) -> int:
        """Return how many sessions are due later than `now` (seconds since the epoch)."""
        asked = [("ZCOUNT", self._keys.index(bucket), f"({now!r}", "+inf") for bucket in SESSION_BUCKETS]
        return sum(await self._link.commands(asked))

    async def newest(self, sought: Sought, place: Place, limit: int) -> Page:
        """Return at most `limit` sessions that began before a place; skips corrupt ones."""
        shown: list[Record] = []
        looked_at, most = 0, LOOKED_AT if sought.text else limit
        rest: Place | None = place
        while rest is not None and looked_at < most and len(shown) < limit:
            places = await self._before(rest, min(_LOADED, most - looked_at))
            rest = None
            for rest, record in await self._load(places):  # noqa: B007 - where the walk has come to
                looked_at += 1
                if record is not None and sought.finds(record):
                    shown.append(record)
                if len(shown) == limit:
                    break
        return Page(tuple(shown), rest)

    async def _before(self, place: Place, limit: int) -> list[Place]:
        """Return sessions that began before a place, the newest first: at least one, if there are any.

        Each bucket is asked for a few. Where one has more, nothing older than the last of its few is
        certain to come next.
        """
        share = limit // 64 + 3
        found: list[Place] = []
        horizon = Place(-inf)
        for places, has_more in await self._shares(place, share, SESSION_BUCKETS):
            found += places
            if has_more:
                horizon = max(horizon, places[-1])
        return sorted((each for each in found if each >= horizon), reverse=True)[:limit]

    async def _shares(
        self, place: Place, share: int, buckets: tuple[str, ...]
    ) -> list[tuple[list[Place], bool]]:
        """Return what each bucket has before a place, and whether it has more than that."""
        asked: list[Command] = [
            (_NEWEST, self._keys.newest(bucket), place.created_at, "-inf", "WITHSCORES", "LIMIT", 0, share)
            for bucket in buckets
        ]
        shares: list[tuple[list[Place], bool]] = []
        passed: list[str] = []
        for bucket, named in zip(buckets, await self._link.commands(asked), strict=True):
            places = [Place(float(at), id.decode()) for id, at in zip(named[::2], named[1::2], strict=True)]
            # Those of one moment come again; their ids tell which of them were passed.
            fresh = [each for each in places if each < place]
            if fresh or len(places) < share:
                shares.append((fresh, len(places) == share))
            else:
                passed.append(bucket)
        return shares + await self._shares(place, 8 * share, tuple(passed)) if passed else shares

    async def _load(self, places: list[Place]) -> list[tuple[Place, Record | None]]:
        stored = await self._link.commands([("GET", self._keys.session(place.id)) for place in places])
        return [(place, _read(place.id, value)) for place, value in zip(places, stored, strict=True)]


def _read(id: str, value: bytes | None) -> Record | None:
    with suppress(CorruptRecord):
        row = None if value is None else values.from_value(id, value)
        return row if isinstance(row, Record) else None
    return None
