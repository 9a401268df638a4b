"""Records in one SQLite file, shared by any number of processes on one machine."""

from coatcheck.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
