"""The pulse: counts of all workers by the minute, kept in small rows of the store for two days.

Each worker counts the events it hears, and adds what is new to the row of the hour every few seconds. So a
chart has what happened before it was opened, in every worker, and a restart forgets a few seconds at most.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from coatcheck.admin import minutes
from coatcheck.admin.counting import Counting
from coatcheck.admin.minutes import ALIVE, EMPTY, HOUR_MINUTES, Cells, Hour, Series
from coatcheck.core.errors import CoatcheckError
from coatcheck.core.events import Event
from coatcheck.core.lifetimes import DAY, MINUTE
from coatcheck.core.store import Rows
from coatcheck.manager import SessionManager
from coatcheck.manager.beside import beside
from coatcheck.manager.rows import Step, TypedRows

BEAT = 5.0  # seconds between two additions to the row of the hour
KEPT = 2 * DAY

_log = logging.getLogger("coatcheck")


class Pulse:
    """Counts events by the minute, and samples how many sessions are alive once a minute.

    On a store without small rows each worker's charts show its own counts.

    Args:
        counting: Tells how many sessions are alive.
    """

    def __init__(self, counting: Counting) -> None:
        self._counting = counting
        self._news: dict[int, Cells] = {}
        self._own: dict[int, Hour] = {}
        self._sampled = 0
        self._turn = asyncio.Lock()
        self._rows: TypedRows[Hour] | None = None

    def observe(self, event: Event) -> None:
        """Count an event."""
        column = minutes.column_of(event)
        if column is not None:
            self._note(minutes.minute_of(event.at), column, 1)

    @asynccontextmanager
    async def attend(self, manager: SessionManager[Any]) -> AsyncIterator[None]:
        """Add what was counted to what all workers count, for as long as the context lasts."""
        self.keep_in(manager.store)
        try:
            async with beside(self._go_on(manager)):
                yield
        finally:
            with suppress(CoatcheckError):
                await self.flush()

    def keep_in(self, store: object) -> None:
        """Share the counts with all workers, if the store keeps small rows."""
        if isinstance(store, Rows):
            self._rows = TypedRows(store, "pulse:", Hour, {})

    async def read(self, now: float, count: int = HOUR_MINUTES) -> Series:
        """Return the last `count` minutes up to `now` (seconds since the epoch), of all workers.

        Raises:
            StoreUnavailable: The store cannot be read.
        """
        last = minutes.minute_of(now)
        numbers = range((last - count + 1) // HOUR_MINUTES, last // HOUR_MINUTES + 1)
        hours = dict(zip(numbers, await asyncio.gather(*map(self._hour, numbers)), strict=True))
        for minute, cells in self._news.items():
            number = minute // HOUR_MINUTES
            hours[number] = minutes.merge(hours.get(number, {}), {minute % HOUR_MINUTES: cells})
        return minutes.series(hours, last, count)

    async def flush(self) -> None:
        """Add what was counted since the last time to the rows of its hours.

        Raises:
            StoreUnavailable: The store cannot be used; what was counted is kept.
        """
        async with self._turn:
            for minute, cells in list(self._news.items()):
                await self._add(minute // HOUR_MINUTES, {minute % HOUR_MINUTES: cells})
                left = tuple(a - b for a, b in zip(self._news[minute], cells, strict=True))
                if any(left):
                    self._news[minute] = left
                else:
                    del self._news[minute]

    async def beat(self, manager: SessionManager[Any]) -> None:
        """Add what is new, and look how many are alive; a fault is logged, for the next beat may succeed."""
        try:
            await self._sample(manager.now())
            await self.flush()
        except Exception as fault:  # noqa: BLE001 - whatever it was
            _log.warning("the charts of the dashboard have a gap: %s", fault)

    def _note(self, minute: int, column: int, step: int) -> None:
        cells = list(self._news.get(minute, EMPTY))
        cells[column] += step
        self._news[minute] = tuple(cells)

    async def _go_on(self, manager: SessionManager[Any]) -> None:
        while True:
            await self.beat(manager)
            await asyncio.sleep(BEAT)

    async def _sample(self, now: float) -> None:
        """Look how many sessions are alive, unless some worker did within this minute."""
        minute = minutes.minute_of(now)
        if minute == self._sampled:
            return
        known = (await self._hour(minute // HOUR_MINUTES)).get(minute % HOUR_MINUTES, EMPTY)
        if not known[ALIVE] and not self._news.get(minute, EMPTY)[ALIVE]:
            alive = await self._counting.alive()
            if alive is not None:
                self._note(minute, ALIVE, alive + 1)
        self._sampled = minute

    async def _hour(self, number: int) -> Hour:
        if self._rows is None:
            return self._own.get(number, {})
        return await self._rows.get(str(number))

    async def _add(self, number: int, news: Hour) -> None:
        if self._rows is None:
            self._own = {number: minutes.merge(self._own.get(number, {}), news)}
            return
        expires_at = (number + 1) * HOUR_MINUTES * MINUTE + KEPT

        def merged(hour: Hour) -> Step[Hour, None]:
            return Step(None, minutes.merge(hour, news), expires_at)

        await self._rows.change(str(number), merged)
