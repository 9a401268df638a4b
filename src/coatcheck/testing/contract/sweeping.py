"""Removing what is long over, a bounded batch at a time."""

import asyncio

import pytest

from coatcheck.core.reason import Reason
from coatcheck.core.record import Tombstone
from coatcheck.core.store import Ending, Rows, Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.sample import NOW, sample_record

BATCH = 50


class SweepingContract(StoreCase):
    """The sweeper names a moment; what was over before it goes."""

    async def test_what_expired_before_goes_and_the_rest_stays(self, store: Store) -> None:
        old = sample_record("old", "u-1", last_seen_at=NOW - 5_000)
        due = sample_record("due", "u-1", last_seen_at=NOW - 1_800)
        for record in (old, due):
            await store.create(record)
        assert await store.sweep(NOW, 10) == 1
        assert await store.load(old.id) is None
        assert await store.load(due.id) == due
        assert (await store.user("u-1")).ids == (due.id,)
        assert await store.sweep(NOW, 10) == 0

    async def test_a_touched_session_is_judged_by_its_new_deadline(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        await store.touch([(record.id, NOW + 1_000)])
        assert await store.sweep(NOW + 2_500, 10) == 0
        assert await store.sweep(NOW + 2_801, 10) == 1

    async def test_a_tombstone_is_judged_by_its_end(self, store: Store) -> None:
        early, late = sample_record("early"), sample_record("late")
        for record in (early, late):
            await store.create(record)
        unknown = sample_record("unknown").id
        await store.end([Ending(id, Reason.REVOKED, NOW + 5) for id in (early.id, unknown)])
        await store.end([Ending(late.id, Reason.REVOKED, NOW + 50)])
        assert await store.sweep(NOW + 6, 10) == 2
        assert await store.load(early.id) is None
        assert await store.load(unknown) is None
        assert isinstance(await store.load(late.id), Tombstone)

    async def test_batches_are_bounded_and_reads_go_on_meanwhile(self, store: Store) -> None:
        old = [sample_record(f"old {n}", last_seen_at=NOW - 5_000) for n in range(230)]
        live = [sample_record(f"live {n}") for n in range(10)]
        await asyncio.gather(*(store.create(record) for record in old + live))

        async def read() -> None:
            for _ in range(20):
                for record in live:
                    assert await store.load(record.id) == record
                await asyncio.sleep(0)

        async def sweep() -> list[int]:
            return [await store.sweep(NOW, BATCH) for _ in range(6)]

        batches, _ = await asyncio.gather(sweep(), read())
        assert batches == [BATCH, BATCH, BATCH, BATCH, 30, 0]
        assert await store.load(old[0].id) is None

    async def test_concurrent_sweepers_share_the_work(self, store: Store) -> None:
        old = [sample_record(f"old {n}", last_seen_at=NOW - 5_000) for n in range(120)]
        await asyncio.gather(*(store.create(record) for record in old))
        swept = await asyncio.gather(*(store.sweep(NOW, BATCH) for _ in range(4)))
        assert sum(swept) == len(old)
        assert max(swept) <= BATCH

    async def test_small_rows_go_with_their_time_and_count_in_the_batch(self, store: Store) -> None:
        if not isinstance(store, Rows):
            pytest.skip("the store has no small rows")
        await store.create(sample_record("old", last_seen_at=NOW - 5_000))
        for n in range(4):
            await store.put_row(f"old {n}", b"x", expected=0, expires_at=NOW - 1)
        await store.put_row("fresh", b"x", expected=0, expires_at=NOW + 1)
        assert [await store.sweep(NOW, 2) for _ in range(4)] == [2, 2, 1, 0]
        assert await store.row("old 0") is None
        assert await store.row("fresh") is not None
