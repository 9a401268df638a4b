"""What the cache is good for, as numbers that an observer can read."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable

import msgspec

from coatcheck.core.clock import Clock

# Upper limits in seconds: from a push inside one machine to the bound on staleness.
LIMITS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_MOST_EXPECTED = 1_000


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """How the cache fares, counted since it was made.

    Attributes:
        hits: Looks that found something remembered.
        misses: Looks that found nothing, or nothing that could be believed.
        invalidations: Records forgotten because they changed.
        lapses: Times when everything was forgotten, because changes could have been missed.
        records: Records remembered now.
        absent: Ids remembered now that the store did not know.
        size: Bytes that the records take, estimated.
        pushes: How many changes made here took at most so many seconds, as in `LIMITS`, to come back
            through the feed, the write included; the last number counts those that took longer. Changes made
            elsewhere take as long to get here.
        pushed_seconds: All of these times together.
    """

    hits: int
    misses: int
    invalidations: int
    lapses: int
    records: int
    absent: int
    size: int
    pushes: tuple[int, ...]
    pushed_seconds: float

    @property
    def hit_ratio(self) -> float:
        """Which part of the looks found something; 0 before the first."""
        looks = self.hits + self.misses
        return self.hits / looks if looks else 0.0


class Pushes:
    """Times how long changes made in this process take until the feed tells of them.

    Attributes:
        counts: One number for each of `LIMITS`, and one for what took longer.
        seconds: All times together.
        told: Is told of each.
    """

    def __init__(self, clock: Clock) -> None:
        self.counts = [0] * (len(LIMITS) + 1)
        self.seconds = 0.0
        self.told: Callable[[float], None] | None = None
        self._clock = clock
        self._expected: OrderedDict[str, float] = OrderedDict()

    def begin(self, ids: Iterable[str]) -> None:
        """Note that these are about to be changed."""
        now = self._clock.now()
        for id in ids:
            self._expected.setdefault(id, now)
        while len(self._expected) > _MOST_EXPECTED:  # a feed may leave out what its own process changed
            self._expected.popitem(last=False)

    def give_up(self, ids: Iterable[str]) -> None:
        """Note that they were not."""
        for id in ids:
            self._expected.pop(id, None)

    def clear(self) -> None:
        """Expect nothing: the feed was cut."""
        self._expected.clear()

    def hear(self, ids: Iterable[str]) -> None:
        """Note that the feed told of these."""
        now = self._clock.now()
        for id in ids:
            if (begun := self._expected.pop(id, None)) is not None:
                self.counts[bisect_left(LIMITS, now - begun)] += 1
                self.seconds += now - begun
                if self.told is not None:
                    self.told(now - begun)
