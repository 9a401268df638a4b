"""Where records live: stores that never see each other."""

from coatcheck.stores.memory import MemoryStore
from coatcheck.stores.moving import MovingStore
from coatcheck.stores.near import NearStore
from coatcheck.stores.open import is_sql, open_moving, open_store, sqlite_path
from coatcheck.stores.sqlite import SqliteStore

__all__ = [
    "MemoryStore",
    "MovingStore",
    "NearStore",
    "SqliteStore",
    "is_sql",
    "open_moving",
    "open_store",
    "sqlite_path",
]
