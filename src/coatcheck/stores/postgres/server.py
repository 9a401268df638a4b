"""A server that we were given the address of: connections of our own to it."""

import asyncio
from typing import Any

import asyncpg

from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import StoreUnavailable
from coatcheck.stores.backoff import Backoff
from coatcheck.stores.per_loop import PerLoop
from coatcheck.stores.postgres.address import Address
from coatcheck.stores.postgres.faults import (
    DRIVER_FAULTS,
    fault,
    fault_at_start,
    is_harmless,
    needs_preparing,
)
from coatcheck.stores.postgres.pool import Pool
from coatcheck.stores.postgres.schema import Schema, migrate

MOST_CONNECTIONS = 10  # for each event loop of each process
_STATEMENTS_KEPT = 100  # that the server has parsed already, for each connection
_CLOSE_SECONDS = 5.0


class Server:
    """Lends connections to a server, from a pool for each event loop: so a store may be made before a fork.

    Args:
        address: Where it is.
        schema: The tables to have there.
        timeout: Seconds that connecting may take.
        entropy: Spreads the tries to reconnect.
    """

    def __init__(self, address: Address, schema: Schema, timeout: float, entropy: Entropy) -> None:
        self.where = address.where
        self._url = address.url
        self._schema = schema
        self._timeout = timeout
        self._backoff = Backoff(entropy)
        self._pools = PerLoop(lambda: Pool(self._connect, MOST_CONNECTIONS))
        self._has_pooler: bool | None = None  # until somebody has looked
        self._is_closed = False

    async def prepare(self) -> bool:
        """Bring the tables up to date, leaving nothing open; tell whether a pooler stands in front.

        Raises:
            ConfigurationError: Address, user or database cannot work, or a newer library wrote the tables.
            StoreUnavailable: It cannot be reached or used now.
        """
        try:
            return await self._prepare()
        except DRIVER_FAULTS as error:
            raise fault_at_start(error, self.where) from error

    async def acquire(self, seconds: float) -> Any:
        """Return a connection that nobody else has, within so many seconds."""
        return await self._pools.get().acquire(seconds)

    async def release(self, connection: Any, error: BaseException | None) -> None:
        """Give it back, with what happened on it."""
        pool = self._pools.get()
        if not self._is_closed and (error is None or is_harmless(error)):
            pool.release(connection)
            return
        pool.discard(connection)
        if isinstance(error, Exception):  # not where somebody merely lost interest
            pool.drop_idle()
        if needs_preparing(error):
            self._has_pooler = None

    async def close(self) -> None:
        """Let go of the connections of the running event loop, and open none any more."""
        self._is_closed = True
        await self._pools.get().close(_CLOSE_SECONDS)

    async def _connect(self) -> Any:
        if self._is_closed:
            raise StoreUnavailable("the store is closed", remedy="Open it again")
        now = asyncio.get_running_loop().time
        self._backoff.require_open(now())
        try:
            if self._has_pooler is None:
                await self._prepare()
            connection = await self._open(statements_kept=0 if self._has_pooler else _STATEMENTS_KEPT)
        except DRIVER_FAULTS as error:
            told = fault(error, self.where)
            self._backoff.failed(told, now())
            raise told from error
        self._backoff.succeeded()
        return connection

    async def _prepare(self) -> bool:
        connection = await self._open(statements_kept=0)
        try:
            has_pooler = await is_pooled(connection)
            await migrate(connection, self._schema)
        finally:
            await connection.close(timeout=_CLOSE_SECONDS)
        self._has_pooler = has_pooler
        return has_pooler

    async def _open(self, *, statements_kept: int) -> Any:
        return await asyncpg.connect(self._url, timeout=self._timeout, statement_cache_size=statements_kept)


async def is_pooled(connection: Any) -> bool:
    """Tell whether a pooler such as PgBouncer stands in front: it hides which process serves a client.

    In transaction mode each statement gets another one, that knows nothing of what came before: no
    statement that was parsed for us, no LISTEN.
    """
    serving: int = await connection.fetchval("SELECT pg_backend_pid()")
    named: int = connection.get_server_pid()
    return serving != named
