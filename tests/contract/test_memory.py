from coatcheck.stores import MemoryStore
from coatcheck.testing.contract import StoreContract


class TestMemoryStore(StoreContract):
    async def make_store(self):
        return MemoryStore()
