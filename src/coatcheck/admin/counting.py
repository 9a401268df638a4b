"""How many sessions are alive: asked as often as it is cheap, whoever wants to know."""

import asyncio
from typing import Any

from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.overview import Overview
from coatcheck.manager import SessionManager

LEAST_SECONDS = 3.0  # for which a count is good
SHARE = 50  # a count is good for so many times as long as it took: counting takes 2 % of a worker at most


class Counting:
    """Counts for a whole worker.

    Args:
        manager: Its store is asked.
        clock: Tells how long that took.
    """

    def __init__(self, manager: SessionManager[Any], clock: Clock | None = None) -> None:
        self._manager = manager
        self._clock = clock or SystemClock()
        self._count: int | None = None
        self._good_until = float("-inf")
        self._turn = asyncio.Lock()

    async def alive(self) -> int | None:
        """Return how many sessions are alive, or were a moment ago; None if the store cannot tell.

        Raises:
            StoreUnavailable: The store cannot be read.
        """
        store = self._manager.store
        if not isinstance(store, Overview):
            return None
        async with self._turn:
            began = self._clock.now()
            if began >= self._good_until:
                self._count = await store.count_alive(self._manager.now())
                now = self._clock.now()
                self._good_until = now + max(LEAST_SECONDS, SHARE * (now - began))
        return self._count
