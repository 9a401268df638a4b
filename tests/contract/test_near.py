"""The near-cache in front of each store: a store like any other."""

from functools import partial

from coatcheck.stores import MemoryStore, NearStore, open_store
from coatcheck.testing.contract import StoreContract
from tests.contract.test_sqlite import TestSqliteStore as SqliteCase


class TestNearMemory(StoreContract):
    async def make_store(self):
        return NearStore(MemoryStore())


class TestNearSqlite(SqliteCase):
    def opener(self):
        return partial(open_store, f"sqlite:///{self.path}", near=True)
