"""The figures of the overview: read once for all who look, and told again and again while they do."""

import asyncio
from dataclasses import dataclass
from typing import Any

from coatcheck.admin.counting import Counting
from coatcheck.admin.minutes import COUNTED, Series
from coatcheck.admin.pulse import Pulse
from coatcheck.admin.wording import known_as
from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.overview import NEWEST, Overview, Sought
from coatcheck.core.record import Record
from coatcheck.manager import SessionManager

GOOD_FOR = 4.0  # seconds
NEWEST_SHOWN = 8
TOLD = 3  # minutes that are told again: the last, and what workers add late to those before


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is to see at one moment.

    Attributes:
        alive: How many sessions are alive; None if the store cannot tell.
        hour: The last sixty minutes.
        newest: The sessions that began last.
    """

    alive: int | None
    hour: Series
    newest: tuple[Record, ...]

    def news(self) -> dict[str, Any]:
        """Return what an open page needs to keep up."""
        return {
            "alive": self.alive,
            "totals": {name: self.hour.total(name) for name in COUNTED},
            "minutes": plotted(Series(self.hour.moments()[-TOLD], self.hour.cells[-TOLD:])),
            "newest": [
                {
                    "id": record.id,
                    "who": known_as(record.identity),
                    "device": record.device.label,
                    "at": int(record.created_at),
                }
                for record in self.newest
            ],
        }


class Board:
    """Reads the figures for a whole worker.

    Args:
        manager: Its store is read.
        counting: How many sessions are alive.
        pulse: What happened, by the minute.
        clock: Tells how old the figures are.
    """

    def __init__(
        self, manager: SessionManager[Any], counting: Counting, pulse: Pulse, clock: Clock | None = None
    ) -> None:
        self._manager = manager
        self._counting = counting
        self._clock = clock or SystemClock()
        self._figures: Figures | None = None
        self._read_at = float("-inf")
        self._turn = asyncio.Lock()
        self.pulse = pulse

    async def figures(self) -> Figures:
        """Return the figures, a few seconds old at most.

        Raises:
            StoreUnavailable: The store cannot be read.
        """
        async with self._turn:
            if self._figures is None or self._clock.now() - self._read_at >= GOOD_FOR:
                self._figures = await self._read()
                self._read_at = self._clock.now()
        return self._figures

    async def _read(self) -> Figures:
        now, store = self._manager.now(), self._manager.store
        newest: tuple[Record, ...] = ()
        if isinstance(store, Overview):
            newest = (await store.newest(Sought(now), NEWEST, NEWEST_SHOWN)).records
        alive, hour = await self._counting.alive(), await self.pulse.read(now)
        return Figures(alive, hour.with_alive(alive), newest)


def plotted(series: Series) -> dict[str, list[Any]]:
    """Return columns as a chart takes them."""
    return {
        "at": series.moments(),
        "alive": series.alive(),
        **{name: series.column(name) for name in COUNTED},
    }
