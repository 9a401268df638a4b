import pickle
import sqlite3
from contextlib import closing
from functools import partial
from typing import Any

import msgspec
import pytest

from coatcheck.stores import open_store
from coatcheck.testing.contract import Damage, Poison, StoreContract


def spoil(record: dict[str, Any], how: Damage, poison: Poison) -> bytes:
    """Return an encoded record that was damaged by somebody who can write the file."""
    match how:
        case Damage.TRUNCATED_DATA:
            record["data"] = b'{"cart":[1,'
        case Damage.TRUNCATED_DIGEST:
            record["chain"]["digest"] = record["chain"]["digest"][:20]
        case Damage.PICKLED_DATA:
            record["data"] = pickle.dumps(poison)
        case Damage.INVALID_TEXT:
            record["device"]["label"] = "Firefox"
        case Damage.WRONG_TYPE:
            record["last_seen_at"] = "yesterday"
        case Damage.WRONG_SHAPE:
            record["identity"] = {"user_id": 7}
        case Damage.MISSING_VALUE:
            record["last_seen_at"] = None
    encoded = msgspec.msgpack.encode(record)
    return encoded.replace(b"Firefox", b"\xff\xfeirefo") if how is Damage.INVALID_TEXT else encoded


class TestSqliteStore(StoreContract):
    @pytest.fixture(autouse=True)
    def in_a_file(self, tmp_path) -> None:
        self.path = tmp_path / "sessions.db"

    async def make_store(self):
        return self.opener()()

    def opener(self):
        return partial(open_store, f"sqlite:///{self.path}")

    async def damage(self, store, id: str, how: Damage) -> bool:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            [(encoded,)] = connection.execute("SELECT record FROM coatcheck_sessions WHERE id = ?", (id,))
            spoilt = spoil(msgspec.msgpack.decode(encoded), how, self.poison)
            connection.execute("UPDATE coatcheck_sessions SET record = ? WHERE id = ?", (spoilt, id))
        return True
