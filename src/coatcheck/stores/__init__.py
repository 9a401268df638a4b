"""Where records live: stores that never see each other."""

from coatcheck.stores.memory import MemoryStore
from coatcheck.stores.near import NearStore
from coatcheck.stores.open import open_store, sqlite_path
from coatcheck.stores.sqlite import SqliteStore

__all__ = ["MemoryStore", "NearStore", "SqliteStore", "open_store", "sqlite_path"]
