"""Records in PostgreSQL, shared by any number of machines."""

from coatcheck.stores.postgres.address import Address
from coatcheck.stores.postgres.listening import PostgresStore
from coatcheck.stores.postgres.opening import TIMEOUT, connections_to, prepare
from coatcheck.stores.postgres.schema import SESSIONS
from coatcheck.stores.postgres.store import PooledPostgresStore

__all__ = ["TIMEOUT", "PooledPostgresStore", "PostgresStore", "connections_to", "open_postgres", "prepare"]


def open_postgres(url: str) -> PooledPostgresStore | PostgresStore:
    """Return a store, after bringing its tables up to date; nothing stays open.

    It has a feed unless a pooler stands in front and no `feed_url` leads past it.

    Raises:
        ConfigurationError: URL, user or database cannot work, or a newer library wrote the tables.
        StoreUnavailable: It cannot be reached or used now.
    """
    has_pooler = prepare(url, SESSIONS)
    if has_pooler and Address.parse(url).feed_url is None:
        return PooledPostgresStore(url)
    return PostgresStore(url)
