"""The skill `Rows`: small values with a version."""

import asyncio

import pytest

from coatcheck.core.store import Rows, Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.sample import NOW

LATER = NOW + 3_600


async def count_up(rows: Rows, key: str) -> None:
    """Add one to the number under `key`, however many others do the same."""
    stored = False
    while not stored:
        row = await rows.row(key)
        value = str(int(row.value) + 1 if row else 1).encode()
        stored = await rows.put_row(key, value, expected=row.version if row else 0, expires_at=LATER)


class RowsContract(StoreCase):
    """Runs for stores that have the skill."""

    @pytest.fixture
    def rows(self, store: Store) -> Rows:
        """The store under test, as a keeper of small values."""
        if not isinstance(store, Rows):
            pytest.skip("the store has no small rows")
        return store

    async def test_a_value_comes_back(self, rows: Rows) -> None:
        assert await rows.row("key") is None
        assert await rows.put_row("key", b"\x00\xff", expected=0, expires_at=LATER)
        row = await rows.row("key")
        assert row is not None
        assert row.value == b"\x00\xff"
        assert row.version > 0
        assert await rows.row("other key") is None

    async def test_only_who_knows_the_version_may_replace(self, rows: Rows) -> None:
        await rows.put_row("key", b"1", expected=0, expires_at=LATER)
        first = await rows.row("key")
        assert first is not None
        assert not await rows.put_row("key", b"2", expected=0, expires_at=LATER)
        assert not await rows.put_row("key", b"2", expected=first.version + 1, expires_at=LATER)
        assert await rows.row("key") == first
        assert await rows.put_row("key", b"3", expected=first.version, expires_at=LATER)
        second = await rows.row("key")
        assert second is not None
        assert second.value == b"3"
        assert second.version != first.version

    async def test_an_absent_row_has_no_version_but_0(self, rows: Rows) -> None:
        assert not await rows.put_row("key", b"1", expected=1, expires_at=LATER)
        assert await rows.row("key") is None

    async def test_a_deleted_row_is_gone_and_its_version_never_returns(self, rows: Rows) -> None:
        await rows.put_row("key", b"1", expected=0, expires_at=LATER)
        first = await rows.row("key")
        assert first is not None
        for _ in range(2):
            await rows.delete_row("key")
        assert await rows.row("key") is None
        await rows.put_row("key", b"2", expected=0, expires_at=LATER)
        assert not await rows.put_row("key", b"3", expected=first.version, expires_at=LATER)

    async def test_concurrent_counters_lose_nothing(self, rows: Rows) -> None:
        await asyncio.gather(*(count_up(rows, "hits") for _ in range(20)))
        row = await rows.row("hits")
        assert row is not None
        assert row.value == b"20"
