"""Typed values in rows, changed by compare-and-set."""

import asyncio

import pytest

from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.core.moving import MOVED_ROW
from coatcheck.manager import rows as room
from coatcheck.manager.rows import Step, TypedRows
from coatcheck.stores.memory import MemoryStore


def counter(store):
    return TypedRows(store, "test:", int, 0)


def one_more(value):
    return Step(value + 1, value + 1, 10.0)


async def test_parallel_changes_all_count(store):
    results = await asyncio.gather(*(counter(store).change("k", one_more) for _ in range(50)))
    assert sorted(results) == list(range(1, 51))
    assert await counter(store).get("k") == 50


async def test_a_step_that_stores_nothing_leaves_nothing(store):
    assert await counter(store).change("k", lambda _: Step("seen")) == "seen"
    assert await counter(store).get("k") == 0


async def test_a_deleted_value_is_empty_again(store):
    await counter(store).change("k", one_more)
    await counter(store).delete("k")
    assert await counter(store).get("k") == 0


@pytest.mark.parametrize("poison", [b"", b"\xff\xfe", b"\xc1", b"\xa3abc", b"\x80\x04cposix\nsystem\n."])
async def test_a_poisoned_row_counts_as_empty_and_is_overwritten(store, poison):
    rows = counter(store)
    await store.put_row(rows._hashed("k"), poison, expected=0, expires_at=10.0)
    assert await rows.get("k") == 0
    assert await rows.change("k", one_more) == 1
    assert await rows.get("k") == 1


async def test_a_row_that_moved_to_another_store_is_neither_empty_nor_overwritten(store):
    rows = counter(store)
    await rows.change("k", one_more)
    [kept] = await store.scan_rows("", 2)
    await store.put_row(kept.key, MOVED_ROW, expected=kept.version, expires_at=10.0)
    for act in (rows.get("k"), rows.change("k", one_more)):
        with pytest.raises(StoreUnavailable, match="moved to another store"):
            await act
    assert (await store.row(kept.key)).value == MOVED_ROW


async def test_keys_name_nobody_and_have_one_length(store):
    short, long = (counter(store)._hashed(key) for key in ("ada@example.test", "x" * 10_000 + "\ud800"))
    assert "ada" not in short
    assert len(short) == len(long)


async def test_a_row_that_always_changes_first_is_a_fault_and_no_endless_loop(monkeypatch):
    store = MemoryStore()
    monkeypatch.setattr(room, "ATTEMPTS", 3)

    async def always_too_late(*args, **options):
        return False

    monkeypatch.setattr(store, "put_row", always_too_late)
    with pytest.raises(StoreUnavailable, match="faster"):
        await counter(store).change("k", one_more)


def test_a_store_without_rows_is_refused_when_made():
    with pytest.raises(ConfigurationError, match="keeps no rows"):
        counter(object())
