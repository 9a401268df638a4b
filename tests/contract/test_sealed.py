"""A store that seals session data is a store like any other, whatever is behind it and in front of it."""

from functools import partial

import pytest

from coatcheck.stores import MemoryStore, MovingStore, open_store
from coatcheck.stores.sealed import SealedStore
from coatcheck.testing.contract import StoreContract
from coatcheck.testing.contract.basics import BasicsContract
from coatcheck.testing.contract.merging import MergingContract
from tests.contract import test_sqlite
from tests.contract.test_moving import MovingStoreContract
from tests.stores.sealed.support import OLD


class TestSealedMemory(StoreContract):
    async def make_store(self):
        return SealedStore(MemoryStore(), OLD)


class TestNearSealedMemory(StoreContract):
    async def make_store(self):
        return open_store("memory://", near=True, sealer=OLD)


class TestSealedSqlite(test_sqlite.TestSqliteStore):
    def opener(self):
        return partial(open_store, f"sqlite:///{self.path}", sealer=OLD)

    # What processes do beside writing data is the inner store's affair, and takes long to prove.
    test_nothing_revives_in_a_thousand_races_between_processes = None
    test_other_processes_are_heard = None
    test_the_cap_holds_across_processes = None
    test_a_write_is_seen_at_once_elsewhere = None


class TestSealedWhileMoving(MovingStoreContract):
    async def make_store(self):
        moving = MovingStore(MemoryStore(), MemoryStore())
        sealed = SealedStore(moving, OLD)
        sealed.source, sealed.target = moving.source, moving.target  # which some of its tests look into
        return sealed


class MergedByTheEngine(BasicsContract, MergingContract):
    """What an engine does to data that it cannot read; everything else passes through."""


class TestSealedPostgres(MergedByTheEngine):
    @pytest.fixture(autouse=True)
    def in_a_database(self, emptied) -> None:
        self.url = emptied

    async def make_store(self):
        return open_store(self.url, sealer=OLD)


class TestSealedRedis(MergedByTheEngine):
    @pytest.fixture(autouse=True)
    def on_a_server(self, redis_8) -> None:
        redis_8.empty()
        self.url = redis_8.url

    async def make_store(self):
        return open_store(self.url, sealer=OLD)
