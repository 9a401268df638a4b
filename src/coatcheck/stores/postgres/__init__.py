"""Records in PostgreSQL, shared by any number of machines."""

from coatcheck.stores.postgres.listening import PostgresStore
from coatcheck.stores.postgres.opening import open_postgres
from coatcheck.stores.postgres.store import PooledPostgresStore

__all__ = ["PooledPostgresStore", "PostgresStore", "open_postgres"]
