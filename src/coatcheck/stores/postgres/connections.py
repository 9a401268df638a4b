"""Runs statements: one at a time on a connection, outside of any transaction, within a time limit."""

import asyncio
from typing import Any, Protocol

from coatcheck.stores.postgres.faults import DRIVER_FAULTS, TRY_AGAIN, fault
from coatcheck.stores.postgres.statements import FLUSH

_Kinds = type[Exception] | tuple[type[Exception], ...]


class Source(Protocol):
    """Lends connections to a database in which the tables are known to be."""

    @property
    def where(self) -> str:
        """Server and database, safe to show."""
        ...  # pragma: no cover

    async def acquire(self, seconds: float) -> Any:
        """Return a connection that nobody else has, within so many seconds."""
        ...  # pragma: no cover

    async def release(self, connection: Any, error: BaseException | None) -> None:
        """Give it back, with what happened on it."""
        ...  # pragma: no cover

    async def close(self) -> None:
        """Let go of what is ours."""
        ...  # pragma: no cover


class Connections:
    """What the verbs work with.

    Args:
        source: Where connections come from.
        timeout: Seconds that a statement may take, the wait for a connection included.
    """

    def __init__(self, source: Source, timeout: float) -> None:
        self._source = source
        self._timeout = timeout

    async def fetch(self, query: str, *args: Any, expected: _Kinds = ()) -> list[Any]:
        """Run a statement; return its rows. Each is a transaction of its own.

        Raises:
            StoreUnavailable: It could not be run, or not in time.
            Exception: What the caller said that it expects.
        """
        return await self._run((query,), args, expected)

    async def tell(self, query: str, *args: Any, expected: _Kinds = ()) -> list[Any]:
        """Run a statement that tells the feed, and wait for the disk: see `coatcheck_tell` in the schema.

        Raises like `fetch`.
        """
        return await self._run((query, FLUSH), args, expected)

    async def close(self) -> None:
        """Let go of what is ours."""
        await self._source.close()

    async def _run(self, queries: tuple[str, ...], args: tuple[Any, ...], expected: _Kinds) -> list[Any]:
        deadline = asyncio.get_running_loop().time() + self._timeout
        while True:
            try:
                return await self._try(queries, args, deadline)
            except DRIVER_FAULTS as error:
                if isinstance(error, expected):
                    raise
                if not isinstance(error, TRY_AGAIN) or asyncio.get_running_loop().time() > deadline:
                    raise fault(error, self._source.where) from error

    async def _try(self, queries: tuple[str, ...], args: tuple[Any, ...], deadline: float) -> list[Any]:
        time = asyncio.get_running_loop().time
        connection = await self._source.acquire(deadline - time())
        error: BaseException | None = None
        try:
            rows: list[Any] = await connection.fetch(queries[0], *args, timeout=deadline - time())
            for query in queries[1:]:
                await connection.fetch(query, timeout=deadline - time())
        except BaseException as raised:
            error = raised
            raise
        finally:
            await self._source.release(connection, error)
        return rows
