"""Counts by the minute: what charts are drawn from. Pure: values, and how they add up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from coatcheck.core.events import (
    Event,
    LoginFailed,
    LoginThrottled,
    SessionCreated,
    SessionOver,
)
from coatcheck.core.lifetimes import MINUTE
from coatcheck.watch.words import is_alarm

HOUR_MINUTES = 60
COUNTED = ("sign_ins", "failures", "ended", "alarms")
ALIVE = len(COUNTED)  # the place behind the counts: how many sessions were alive, plus one; 0 if unknown
EMPTY = (0,) * (len(COUNTED) + 1)

Cells = tuple[int, ...]
Hour = dict[int, Cells]
"""The minutes of an hour in which something happened."""


@dataclass(frozen=True, slots=True)
class Series:
    """Some minutes in a row, the last one still under way.

    Attributes:
        since: Start of the first, in seconds since the epoch.
        cells: One for each minute: the counts of `COUNTED`, then the live sessions as in `ALIVE`.
    """

    since: float
    cells: tuple[Cells, ...]

    def column(self, name: str) -> list[int]:
        """Return one of the counts, minute by minute."""
        place = COUNTED.index(name)
        return [cell[place] for cell in self.cells]

    def total(self, name: str) -> int:
        """Return one of the counts, all minutes together."""
        return sum(self.column(name))

    def alive(self) -> list[int | None]:
        """Return how many sessions were alive, minute by minute; None where nobody looked."""
        return [cell[ALIVE] - 1 if cell[ALIVE] else None for cell in self.cells]

    def with_alive(self, alive: int | None) -> "Series":
        """Return the same with what is known of the last minute by now."""
        if alive is None:
            return self
        return Series(self.since, (*self.cells[:-1], (*self.cells[-1][:ALIVE], alive + 1)))

    def moments(self) -> list[int]:
        """Return the start of each minute, in seconds since the epoch."""
        return [int(self.since + number * MINUTE) for number in range(len(self.cells))]


def column_of(event: Event) -> int | None:
    """Return which count an event belongs to, if any."""
    match event:
        case SessionCreated(user_id=str()):
            return 0
        case LoginFailed() | LoginThrottled():
            return 1
        case SessionOver():
            return 2
        case _:
            return 3 if is_alarm(event) else None


def minute_of(at: float) -> int:
    """Return the number of a minute since the epoch."""
    return int(at // MINUTE)


def add(one: Cells, other: Cells) -> Cells:
    """Return the counts of both; of the live sessions what `other` says, if it says something."""
    counts = tuple(a + b for a, b in zip(one[:ALIVE], other[:ALIVE], strict=True))
    return (*counts, other[ALIVE] or one[ALIVE])


def merge(hour: Mapping[int, Cells], news: Mapping[int, Cells]) -> Hour:
    """Return an hour with news added to its minutes."""
    merged = dict(hour)
    for minute, cells in news.items():
        merged[minute] = add(merged.get(minute, EMPTY), cells)
    return merged


def series(hours: Mapping[int, Mapping[int, Cells]], last: int, count: int) -> Series:
    """Return `count` minutes up to the minute `last`, from hours by their number since the epoch."""
    minutes: Iterable[int] = range(last - count + 1, last + 1)
    cells = tuple(
        hours.get(minute // HOUR_MINUTES, {}).get(minute % HOUR_MINUTES, EMPTY) for minute in minutes
    )
    return Series((last - count + 1) * MINUTE, cells)
