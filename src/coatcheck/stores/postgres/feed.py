"""The feed: one connection that listens, for everybody in an event loop who wants to hear."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, contextmanager, suppress
from typing import Any

import asyncpg

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import HEARTBEAT
from coatcheck.stores.listeners import Listeners
from coatcheck.stores.postgres.address import Address
from coatcheck.stores.postgres.faults import DRIVER_FAULTS, fault
from coatcheck.stores.postgres.server import is_pooled

CHANNEL = "coatcheck"
_PAUSE = HEARTBEAT / 2  # seconds between two questions whether the server is still there
_PATIENCE = 2.0  # seconds that it may take to answer
_CLOSE_SECONDS = 1.0

Direct = Callable[[], AbstractAsyncContextManager[Any]]
"""Opens a connection that leads to the server itself, for as long as somebody listens."""


def dialling(url: str, timeout: float) -> Direct:
    """Open a connection of its own; `timeout` in seconds."""

    @asynccontextmanager
    async def direct() -> AsyncIterator[Any]:
        connection = await asyncpg.connect(url, timeout=timeout, statement_cache_size=0)
        try:
            yield connection
        finally:
            with suppress(*DRIVER_FAULTS):
                await connection.close(timeout=_CLOSE_SECONDS)

    return direct


def borrowing(pool: asyncpg.Pool, timeout: float) -> Direct:
    """Keep a connection of the app's pool; `timeout` in seconds."""
    return lambda: pool.acquire(timeout=timeout)


class Ear:
    """Listens while somebody wants to hear.

    Args:
        direct: Opens the connection.
        where: Server and database, safe to show.
    """

    def __init__(self, direct: Direct, where: str) -> None:
        self._direct = direct
        self._where = where
        self._line: _Line | None = None

    async def hear(self) -> AsyncGenerator[tuple[str, ...], None]:
        """Subscribe, as `core.store.Feed` says.

        Raises:
            StoreUnavailable: The connection could not be had, or broke.
        """
        if self._line is None or self._line.is_over:
            self._line = _Line(self._direct, self._where)
        line = self._line
        with line.used():
            await asyncio.shield(line.listening)
            async with aclosing(line.listeners.listen()) as news:
                async for ids in news:
                    yield ids

    async def close(self) -> None:
        """Hang up."""
        if self._line:
            await self._line.close()


class _Line:
    """One connection, from its opening to its end.

    It asks the server for a sign of life several times a second. The answer comes behind every
    notification that was sent before it: so a heartbeat says that nothing is under way, and silence
    that nothing is known.

    Attributes:
        listeners: Who hears what arrives.
        listening: Done once nothing is missed any more; or failed.
        is_over: It has ended, or is about to.
    """

    def __init__(self, direct: Direct, where: str) -> None:
        loop = asyncio.get_running_loop()
        self.listeners = Listeners(silence=None)
        self.listening: asyncio.Future[None] = loop.create_future()
        self.is_over = False
        self._where = where
        self._users = 0
        self._task = loop.create_task(self._run(direct))

    @contextmanager
    def used(self) -> Iterator[None]:
        """Keep it open."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1

    async def close(self) -> None:
        """End it, and tell who listens."""
        self._fail(StoreUnavailable("the store is closed", remedy="Open it again"))
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self, direct: Direct) -> None:
        try:
            async with direct() as connection:
                try:
                    await self._follow(connection)
                except BaseException:
                    connection.terminate()  # nothing more is asked of a server that may not answer
                    raise
        except StoreUnavailable as error:
            self._fail(error)
        except DRIVER_FAULTS as error:
            self._fail(fault(error, self._where))

    async def _follow(self, connection: Any) -> None:
        if await is_pooled(connection):
            raise StoreUnavailable(
                f"a pooler stands in front of {self._where}: it delivers no notifications",
                remedy="Name a direct way to the server as feed_url",
            )
        await connection.add_listener(CHANNEL, self._heard)
        self.listening.set_result(None)
        while self._users:
            await connection.fetchval("SELECT 1", timeout=_PATIENCE)
            self.listeners.tell(())
            await asyncio.sleep(_PAUSE)
        self.is_over = True
        await connection.remove_listener(CHANNEL, self._heard)

    def _heard(self, _connection: Any, _process: int, _channel: str, payload: str) -> None:
        self.listeners.tell(payload.split(" "))

    def _fail(self, error: StoreUnavailable) -> None:
        self.is_over = True
        self.listeners.cut(error)
        if not self.listening.done():
            self.listening.set_exception(error)
            self.listening.exception()  # whoever waited may have left


def opener(database: str | asyncpg.Pool, feed_url: str | None, timeout: float) -> tuple[Direct, str]:
    """Choose how to get to the server itself, and say where it is."""
    if isinstance(database, str):
        feed_url = feed_url or Address.parse(database).feed_url or database
    elif feed_url is None:
        return borrowing(database, timeout), "PostgreSQL"
    address = Address.parse(feed_url)
    return dialling(address.url, timeout), address.where
