"""PostgresStore: the store with a feed."""

from collections.abc import AsyncGenerator

import asyncpg

from coatcheck.core.entropy import Entropy
from coatcheck.stores.per_loop import PerLoop
from coatcheck.stores.postgres.feed import Ear, opener
from coatcheck.stores.postgres.opening import TIMEOUT
from coatcheck.stores.postgres.store import PooledPostgresStore


class PostgresStore(PooledPostgresStore):
    """The same with the skill `Feed`: it listens on a connection that leads to the server directly.

    Args:
        database: A URL, or the app's own pool. A URL may end in `?feed_url=` and the percent-encoded URL of
            a direct way to the server, where it leads through a pooler itself.
        feed_url: The direct way for the app's own pool; without one, a connection of the pool is kept.
        timeout: Seconds that a verb may take.
        entropy: Spreads the tries to reconnect to a server that is gone.

    Raises:
        ConfigurationError: A URL is none.
    """

    def __init__(
        self,
        database: str | asyncpg.Pool,
        *,
        feed_url: str | None = None,
        timeout: float = TIMEOUT,
        entropy: Entropy | None = None,
    ) -> None:
        super().__init__(database, timeout=timeout, entropy=entropy)
        direct, where = opener(database, feed_url, timeout)
        self._ears = PerLoop(lambda: Ear(direct, where))

    def feed(self) -> AsyncGenerator[tuple[str, ...], None]:
        """Yield the ids of sessions that were created, saved or ended, in whichever process."""
        return self._ears.get().hear()

    async def close(self) -> None:
        """Let go of the connections, and of who listens."""
        if ear := self._ears.pop():
            await ear.close()
        await super().close()
