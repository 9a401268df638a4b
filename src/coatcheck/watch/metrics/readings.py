"""How things are, read from time to time: what no event tells."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from coatcheck.core.overview import Overview
from coatcheck.core.store import Rows
from coatcheck.manager import SessionManager
from coatcheck.manager.sweeper import last_sweep
from coatcheck.stores.near import Measures, NearStore
from coatcheck.watch.metrics.counting import Count
from coatcheck.watch.metrics.instruments import LAG, LAPSES, LIVE, LOOKS, MEMORY, REMEMBERED, STREAMS


class Readings:
    """Reads one manager and its store.

    Args:
        manager: What is read.
    """

    def __init__(self, manager: SessionManager[Any]) -> None:
        self._manager = manager
        self._began_at = manager.now()
        self._near: Measures | None = None

    async def read(self) -> AsyncIterator[Count]:
        """Return what is known now: first this worker's own figures, then what the store must be asked for.

        Raises:
            StoreUnavailable: The store cannot be asked.
        """
        manager, store = self._manager, self._manager.store
        yield STREAMS, manager.watched, ""
        if isinstance(store, NearStore):
            for count in self._read_near(store.measure()):
                yield count
        if isinstance(store, Overview):
            yield LIVE, await store.count_alive(manager.now()), ""
        if isinstance(store, Rows):
            swept_at = await last_sweep(manager) or self._began_at
            yield LAG, max(0.0, manager.now() - swept_at), ""

    def _read_near(self, now: Measures) -> Iterator[Count]:
        """Return how a cache fares, and what it counted since it was read last."""
        last, self._near = self._near, now
        yield LOOKS, now.hits - (last.hits if last else 0), "hit"
        yield LOOKS, now.misses - (last.misses if last else 0), "miss"
        yield LAPSES, now.lapses - (last.lapses if last else 0), ""
        yield REMEMBERED, now.records, ""
        yield MEMORY, now.size, ""
