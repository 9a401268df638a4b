"""The near-cache in front of each store: a store like any other.

What other processes do is the inner store's affair; `tests/stores/near` has what the cache hears of it.
"""

import pytest

from coatcheck.stores import MemoryStore, NearStore, open_store
from coatcheck.testing.contract import StoreContract

FEW = 100  # the cache takes no part in them; the stores themselves are raced a thousand times


class TestNearMemory(StoreContract):
    async def make_store(self):
        return NearStore(MemoryStore())


class TestNearSqlite(StoreContract):
    races = FEW

    @pytest.fixture(autouse=True)
    def in_a_file(self, tmp_path) -> None:
        self.path = tmp_path / "sessions.db"

    async def make_store(self):
        return open_store(f"sqlite:///{self.path}", near=True)


class TestNearPostgres(StoreContract):
    races = FEW

    @pytest.fixture(autouse=True)
    def in_a_database(self, emptied) -> None:
        self.url = emptied

    async def make_store(self):
        return open_store(self.url, near=True)


class TestNearRedis(StoreContract):
    races = FEW

    @pytest.fixture(autouse=True)
    def on_a_server(self, redis_8) -> None:
        redis_8.empty()
        self.url = redis_8.url

    async def make_store(self):
        store = open_store(self.url, near=True)
        assert isinstance(store, NearStore)
        return store
