"""A store with another behind it is a store: before the walk begins, after it began, and the other way."""

import itertools

import pytest

from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.store import NEVER, Ending
from coatcheck.stores import MemoryStore, SqliteStore
from coatcheck.stores.moving import MovingStore
from coatcheck.stores.moving.steps import BEGUN, move_row, move_session, move_user
from coatcheck.testing.contract import NOW, StoreContract
from coatcheck.testing.wrapped import WrappedStore


class MovingStoreContract(StoreContract):
    async def test_a_tombstone_is_judged_by_its_end(self, store):
        """Of an id that neither knows each keeps a tombstone, so what is swept counts twice."""
        await store.end([Ending("f" * 32, Reason.REVOKED, NOW + 5)])
        assert await store.sweep(NOW + 5, 10) == 0
        assert await store.sweep(NOW + 6, 10) == 2
        assert await store.load("f" * 32) is None

    async def test_small_rows_go_with_their_time_and_count_in_the_batch(self, store):
        """A mark in the source counts like the row in the target that it stands for."""
        for number in range(3):
            await store.put_row(f"key {number}", b"", expected=0, expires_at=NOW + number)
        rows = len(await store.source.scan_rows("key", 9)) + len(await store.target.scan_rows("key", 9))
        swept = [await store.sweep(NOW + 10, 2) for _ in range(rows)]
        assert max(swept) == 2
        assert sum(swept) == rows
        assert [await store.row(f"key {number}") for number in range(3)] == [None] * 3


class TestBeforeTheWalkBegins(MovingStoreContract):
    async def make_store(self):
        return MovingStore(MemoryStore(), MemoryStore())


class TestAfterItBegan(MovingStoreContract):
    async def make_store(self):
        source = MemoryStore()
        await source.put_row(BEGUN, b"1", expected=0, expires_at=NEVER)
        return MovingStore(MemoryStore(), source)


class TestWithFiles(MovingStoreContract):
    @pytest.fixture(autouse=True)
    def in_a_folder(self, tmp_path) -> None:
        self.folder = tmp_path

    async def make_store(self):
        source = SqliteStore(self.folder / "old.db")
        await source.put_row(BEGUN, b"1", expected=0, expires_at=NEVER)
        return MovingStore(SqliteStore(self.folder / "new.db"), source)


class RestlessStore(WrappedStore):
    """Between any two verbs something moves: what was touched last, a row, or a whole user."""

    def __init__(self, moving: MovingStore) -> None:
        super().__init__(moving)
        self.turns = itertools.count()
        vars(self).update({verb: self._restless(verb) for verb in ("create", "load", "save", "touch", "end")})

    def before(self, verb: str) -> None:
        pass

    @property
    def source(self):
        return self.inner.source

    @property
    def target(self):
        return self.inner.target

    def _restless(self, verb: str):
        passed = getattr(self.inner, verb)

        async def call(*args):
            try:
                return await passed(*args)
            finally:
                await self._move_something(next(self.turns))

        return call

    async def _move_something(self, turn: int) -> None:
        source, target = self.source, self.target
        if turn % 3 == 0:
            for row in (await source.scan("", 1_000))[: 1 + turn % 5]:
                if isinstance(row, Record) and row.user_id is not None:
                    await move_user(source, target, row.user_id)
                else:
                    await move_session(source, target, row.id)
        for row in (await source.scan_rows("", 1_000))[: turn % 2]:
            if row.key != BEGUN:
                await move_row(source, target, row.key, row.expires_at)


class TestWhileItGoesOn(MovingStoreContract):
    async def make_store(self):
        return RestlessStore(MovingStore(MemoryStore(), MemoryStore()))
