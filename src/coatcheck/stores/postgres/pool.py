"""A pool of connections, for one event loop.

The driver's own adds half a read to every read: it wraps each connection in a proxy, and resets it after use.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from coatcheck.stores.postgres.faults import DRIVER_FAULTS

MOST_IDLE_SECONDS = 300.0  # a firewall forgets a silent connection sooner or later, and tells nobody
_CLOSE_SECONDS = 1.0


class Pool:
    """Opens a connection when all are busy, up to a number, and gives out first what came back last.

    Args:
        connect: Opens a connection, or raises `StoreUnavailable`.
        most: How many there may be.
    """

    def __init__(self, connect: Callable[[], Awaitable[Any]], most: int) -> None:
        self._connect = connect
        self._most = most
        self._free = asyncio.Semaphore(most)
        self._idle: list[tuple[Any, float]] = []

    async def acquire(self, seconds: float) -> Any:
        """Return a connection that nobody else has; wait at most so long for one to come back.

        Raises:
            StoreUnavailable: None can be opened.
            TimeoutError: None came back.
        """
        if self._free.locked():
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        else:
            await self._free.acquire()  # does not wait
        try:
            return self._take() or await self._connect()
        except BaseException:
            self._free.release()
            raise

    def release(self, connection: Any) -> None:
        """Give back a connection that somebody else can use."""
        self._idle.append((connection, asyncio.get_running_loop().time()))
        self._free.release()

    def discard(self, connection: Any) -> None:
        """Give back one that nobody can use."""
        connection.terminate()
        self._free.release()

    def drop_idle(self) -> None:
        """Let go of what nobody uses: what happened to one connection has happened to all."""
        while self._idle:
            self._idle.pop()[0].terminate()

    async def close(self, seconds: float) -> None:
        """Close what is idle; wait at most so long for what is still used."""
        held = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while held < self._most:
                    await self._free.acquire()
                    held += 1
        for _ in range(held):  # who comes late shall not wait, but be told
            self._free.release()
        while self._idle:
            with suppress(*DRIVER_FAULTS):  # it is gone, one way or the other
                await self._idle.pop()[0].close(timeout=_CLOSE_SECONDS)

    def _take(self) -> Any | None:
        while self._idle:
            connection, since = self._idle.pop()
            if asyncio.get_running_loop().time() - since > MOST_IDLE_SECONDS:
                connection.terminate()
            elif not connection.is_closed():
                return connection
        return None
