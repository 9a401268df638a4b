"""Activity moves the idle deadline, forwards and within the session's life only."""

import msgspec

from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.store import Ending, Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.sample import NOW, sample_record


async def last_seen(store: Store, id: str) -> float:
    """Return when the session was last seen, in seconds since the epoch."""
    found = await store.load(id)
    assert isinstance(found, Record)
    return found.last_seen_at


class TouchingContract(StoreCase):
    """The store decides as `Record.touched` does, from its own row."""

    async def test_a_touch_moves_the_deadline_and_raises_the_revision(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        await store.touch([(record.id, NOW + 60)])
        expected = msgspec.structs.replace(record, last_seen_at=NOW + 60, rev=record.rev + 1)
        assert await store.load(record.id) == expected

    async def test_a_touch_that_comes_late_never_moves_the_deadline_back(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        await store.touch([(record.id, NOW + 60), (record.id, NOW + 30)])
        await store.touch([(record.id, NOW + 59)])
        assert await last_seen(store, record.id) == NOW + 60

    async def test_a_touch_counts_up_to_the_deadline_and_not_after(self, store: Store) -> None:
        in_time, too_late = sample_record(1), sample_record(2)
        for record in (in_time, too_late):
            await store.create(record)
        await store.touch([(in_time.id, in_time.expires_at), (too_late.id, too_late.expires_at + 0.001)])
        assert await last_seen(store, in_time.id) == NOW + 1_800
        assert await last_seen(store, too_late.id) == NOW

    async def test_no_touch_outlives_the_absolute_deadline(self, store: Store) -> None:
        record = sample_record(1, absolute_at=NOW + 600)
        await store.create(record)
        await store.touch([(record.id, NOW + 500)])
        await store.touch([(record.id, NOW + 601)])
        assert await last_seen(store, record.id) == NOW + 500

    async def test_one_batch_touches_many_and_passes_over_the_unknown(self, store: Store) -> None:
        records = [sample_record(seed) for seed in range(5)]
        for record in records:
            await store.create(record)
        await store.touch([("0" * 32, NOW + 5), *((record.id, NOW + 60) for record in records)])
        assert [await last_seen(store, record.id) for record in records] == [NOW + 60] * 5
        assert await store.load("0" * 32) is None

    async def test_an_empty_batch_is_fine(self, store: Store) -> None:
        await store.touch([])
        assert await store.end([]) == 0
        assert await store.delete([]) == 0

    async def test_a_touch_never_revives(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        await store.end([Ending(record.id, Reason.REVOKED, NOW + 1)])
        await store.touch([(record.id, NOW + 60)])
        assert await store.load(record.id) == record.entomb(Reason.REVOKED, NOW + 1)
