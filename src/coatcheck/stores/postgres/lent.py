"""A pool of the app's own: we take one connection for one statement, and give it back."""

from contextlib import suppress
from typing import Any

import asyncpg

from coatcheck.stores.postgres.faults import DRIVER_FAULTS, needs_preparing
from coatcheck.stores.postgres.schema import Schema, migrate


class Lent:
    """Lends what the app lends us. Whatever the app does on its own connections is none of our business.

    Args:
        pool: The app's, made by `asyncpg.create_pool`; used inside its event loop, and never closed by us.
        schema: The tables to have there.
    """

    where = "PostgreSQL"

    def __init__(self, pool: asyncpg.Pool, schema: Schema) -> None:
        self._pool = pool
        self._schema = schema
        self._is_prepared = False

    async def acquire(self, seconds: float) -> Any:
        """Return a connection that nobody else has, within so many seconds."""
        connection = await self._pool.acquire(timeout=seconds)
        try:
            if not self._is_prepared:
                await migrate(connection, self._schema)
                self._is_prepared = True
        except BaseException as error:
            await self.release(connection, error)
            raise
        return connection

    async def release(self, connection: Any, error: BaseException | None) -> None:
        """Give it back, with what happened on it."""
        if needs_preparing(error):
            self._is_prepared = False
        with suppress(*DRIVER_FAULTS):  # then the pool makes another
            await self._pool.release(connection)

    async def close(self) -> None:
        """Nothing is ours."""
