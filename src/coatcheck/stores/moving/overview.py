"""The skill `Overview` while sessions move: what both stores show, as one."""

from coatcheck.core.overview import NEWEST, Overview, Page, Place, Sought


class BothSides:
    """Merges what two stores show.

    A session that is under way at this moment is counted on both sides, and shown once.

    Args:
        target: Where the sessions will be.
        source: Where they were; what it has is believed.
    """

    def __init__(self, target: Overview, source: Overview) -> None:
        self._sides = (target, source)

    async def count_alive(self, now: float) -> int:
        """Return how many sessions have not ended, and expire later than `now` (seconds since the epoch)."""
        return sum([await side.count_alive(now) for side in self._sides])

    async def newest(self, sought: Sought, place: Place = NEWEST, limit: int = 50) -> Page:
        """Return at most `limit` sessions that began before a place."""
        pages = [await side.newest(sought, place, limit) for side in self._sides]
        records = {record.id: record for page in pages for record in page.records}
        # Below the place where one of them stopped, the other alone has looked.
        horizon = max((page.rest for page in pages if page.rest is not None), default=None)
        known = sorted(records.values(), key=Place.of, reverse=True)
        shown = tuple(record for record in known if horizon is None or Place.of(record) >= horizon)[:limit]
        return Page(shown, Place.of(shown[-1]) if len(shown) == limit else horizon)
