import os
import pickle
import sqlite3
from contextlib import closing
from functools import partial

import pytest

from coatcheck.stores import open_store
from coatcheck.testing.contract import Damage, StoreContract


class Poison:
    """A pickle of this makes a file, were anybody to load it."""

    def __reduce__(self):
        return os.mkdir, ("/tmp/coatcheck-was-poisoned",)  # noqa: S108 - never made


STATEMENTS = {
    Damage.TRUNCATED_DATA: ("data = ?", b'{"cart":[1,'),
    Damage.TRUNCATED_DIGEST: ("digest = substr(digest, 1, ?)", 20),
    Damage.PICKLED_DATA: ("data = ?", pickle.dumps(Poison())),
    Damage.INVALID_TEXT: ("device = CAST(? AS TEXT)", b'{"label":"\xff\xfe"}'),
    Damage.WRONG_TYPE: ("last_seen_at = ?", "yesterday"),
    Damage.WRONG_SHAPE: ("identity = ?", '{"user_id":7}'),
    Damage.MISSING_VALUE: ("last_seen_at = ?", None),
}


class TestSqliteStore(StoreContract):
    @pytest.fixture(autouse=True)
    def in_a_file(self, tmp_path) -> None:
        self.path = tmp_path / "sessions.db"

    async def make_store(self):
        return self.opener()()

    def opener(self):
        return partial(open_store, f"sqlite:///{self.path}")

    async def damage(self, store, id: str, how: Damage) -> bool:
        assignment, value = STATEMENTS[how]
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(f"UPDATE coatcheck_sessions SET {assignment} WHERE id = ?", (value, id))
        return True
