import pickle
from functools import partial

import msgspec
import pytest

from coatcheck.stores.postgres import PostgresStore
from coatcheck.testing.contract import Damage, StoreContract

PATIENCE = 60.0  # seconds: many hundred verbs at once on a busy machine

pack, unpack = msgspec.msgpack.encode, msgspec.msgpack.decode


class TestPostgresStore(StoreContract):
    @pytest.fixture(autouse=True)
    def in_a_database(self, emptied) -> None:
        self.url = emptied

    async def make_store(self):
        return self.opener()()

    def opener(self):
        return partial(PostgresStore, self.url, timeout=PATIENCE)

    async def damage(self, store, id: str, how: Damage) -> bool:
        """Spoil a row as somebody could who writes to the table: its own constraints hold."""

        async def spoil(column: str, value: object) -> None:
            await store._fetch(f"UPDATE coatcheck_sessions SET {column} = $2 WHERE id = $1", id, value)

        async def part(column: str) -> list:
            [(packed,)] = await store._fetch(f"SELECT {column} FROM coatcheck_sessions WHERE id = $1", id)
            return unpack(packed)

        match how:
            case Damage.TRUNCATED_DATA:
                await spoil("data", [["cart", "[1,"]])
            case Damage.TRUNCATED_DIGEST:
                await spoil("digest", b"short")
            case Damage.PICKLED_DATA:
                await spoil("data", [["cart", pickle.dumps(self.poison, protocol=0).decode("ascii")]])
            case Damage.INVALID_TEXT:
                await spoil("client", pack(await part("client")).replace(b"Firefox", b"\xff\xfeirefo"))
            case Damage.WRONG_TYPE:
                links = await part("links")
                links[4] = "yesterday"
                await spoil("links", pack(links))
            case Damage.WRONG_SHAPE:
                await spoil("person", pack({"user_id": 7}))
            case Damage.MISSING_VALUE:
                links = await part("links")
                links[4] = None
                await spoil("links", pack(links))
        return True
