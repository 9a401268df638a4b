"""Metrics: an observer that counts events, times the store, and reads how things are."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.events import Event
from coatcheck.core.patience import jittered
from coatcheck.manager import SessionManager
from coatcheck.manager.beside import beside
from coatcheck.stores.near import NearStore
from coatcheck.watch.metrics.counting import COUNTED
from coatcheck.watch.metrics.instruments import HAPPENED, REVOCATION, Instrument
from coatcheck.watch.metrics.readings import Readings
from coatcheck.watch.metrics.timing import timed

_log = logging.getLogger("coatcheck")

PERIOD = 10.0  # seconds between two readings, at most: less than the usual 15 between two scrapes


class Meter(Protocol):
    """Takes figures to where they are looked at."""

    def put(self, instrument: Instrument, value: float, label: str) -> None:
        """Add to a counter, set a gauge, or count a value in a histogram."""
        ...  # pragma: no cover

    def close(self) -> None:
        """Take leave: this worker puts nothing more."""
        ...  # pragma: no cover


class Metrics:
    """Counts what happens, times the store, and reads how things are.

    It adds nothing to a session check that this process answers from memory.

    Args:
        meters: Where the figures go.
        period: Seconds between two readings, at most.
        clock: Times the store.
    """

    def __init__(self, *meters: Meter, period: float = PERIOD, clock: Clock | None = None) -> None:
        self._meters = meters
        self._period = period
        self._clock = clock or SystemClock()

    def observe(self, event: Event) -> None:
        """Count an event."""
        self._put(HAPPENED, 1, event.name)
        if (counted := COUNTED.get(type(event))) is not None:
            self._put(*counted(event))

    @asynccontextmanager
    async def attend(self, manager: SessionManager[Any]) -> AsyncIterator[None]:
        """Time the manager's store and read how it fares, for as long as the context lasts."""
        store = manager.store
        if isinstance(store, NearStore):
            store.time_pushes(lambda seconds: self._put(REVOCATION, seconds, "cache"))
        try:
            async with beside(self._read_again_and_again(manager)):
                with timed(store, self._clock, self._put):
                    yield
        finally:
            for meter in self._meters:
                meter.close()

    async def _read_again_and_again(self, manager: SessionManager[Any]) -> None:
        readings = Readings(manager)
        while True:
            try:
                async for count in readings.read():
                    self._put(*count)
            except StoreUnavailable:
                pass  # each of its verbs is counted as a failure
            except Exception:  # noqa: BLE001 - a meter or a store of the app's may fail in any way
                _log.exception("the figures of the metrics could not be read")
            await asyncio.sleep(jittered(self._period, manager.entropy))

    def _put(self, instrument: Instrument, value: float, label: str) -> None:
        for meter in self._meters:
            meter.put(instrument, value, label)
