import pytest

from coatcheck.core.change import Change
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.events import RecordCorrupt, StoreRolledBack
from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending, Rows, Scan
from coatcheck.stores import MemoryStore
from coatcheck.testing import CountingStore, FailingStore, ManualClock, RecordingObserver, SeededEntropy
from coatcheck.testing.contract import NOW, sample_record


def test_a_manual_clock_moves_only_when_told():
    clock = ManualClock()
    assert clock.now() == clock.now() == 1_700_000_000.0
    assert clock.advance(2.5) == clock.now() == 1_700_000_002.5
    clock.advance(-5)
    assert clock.now() == 1_699_999_997.5
    clock.set(7.0)
    assert clock.now() == 7.0
    assert ManualClock(3.0).now() == 3.0


def test_seeded_entropy_repeats_itself_and_never_within_a_sequence():
    first, again, other = SeededEntropy(1), SeededEntropy(1), SeededEntropy(2)
    drawn = [first.token_bytes(size) for size in (16, 32, 33, 100, 16)]
    assert drawn == [again.token_bytes(size) for size in (16, 32, 33, 100, 16)]
    assert [len(piece) for piece in drawn] == [16, 32, 33, 100, 16]
    assert len({piece[:16] for piece in drawn}) == 5
    assert other.token_bytes(16) != drawn[0]
    assert first.token_bytes(0) == b""


def test_a_recording_observer_remembers_in_order():
    observer = RecordingObserver()
    events = [RecordCorrupt(at=1.0), StoreRolledBack(at=2.0), RecordCorrupt(at=3.0)]
    for event in events:
        observer.observe(event)
    assert observer.events == events
    assert observer.names() == ["record.corrupt", "store.rolled_back", "record.corrupt"]
    assert observer.of(RecordCorrupt) == [events[0], events[2]]
    observer.clear()
    assert observer.names() == []


async def every_verb(store):
    record = sample_record(1, "u-1")
    await store.create(record, 0)
    assert await store.load(record.id) == record
    assert (await store.save(record.id, Change(seen_at=NOW + 1))).last_seen_at == NOW + 1
    await store.touch([(record.id, NOW + 2)])
    assert (await store.user("u-1")).ids == (record.id,)
    assert (await store.bump("u-1")).version == 1
    assert len(await store.scan("", 10)) == 1
    assert await store.put_row("key", b"1", expected=0, expires_at=NOW)
    assert (await store.row("key")).value == b"1"
    await store.delete_row("key")
    assert await store.end([Ending(record.id, Reason.REVOKED, NOW)]) == 1
    assert await store.delete([record.id]) == 1
    assert await store.sweep(NOW, 1) == 0
    await store.close()


async def test_a_counting_store_passes_everything_on_and_counts_it():
    store = CountingStore(MemoryStore())
    await every_verb(store)
    assert set(store.counts.values()) == {1}
    assert store.reads == 4
    assert store.writes == 9
    store.reset()
    assert (store.reads, store.writes) == (0, 0)
    await store.load("0" * 32)
    assert store.counts == {"load": 1}


@pytest.mark.parametrize("kind", [CountingStore, FailingStore])
def test_a_wrapped_store_has_the_skills_of_its_inner_store(kind):
    assert isinstance(kind(MemoryStore()), Rows)
    assert isinstance(kind(MemoryStore()), Scan)


@pytest.mark.parametrize("kind", [CountingStore, FailingStore])
def test_a_wrapped_store_has_no_skill_that_its_inner_store_lacks(kind):
    bare = object()
    assert not isinstance(kind(bare), Rows)
    assert not isinstance(kind(bare), Scan)


async def test_a_failing_store_fails_as_named_until_it_heals():
    store = FailingStore(MemoryStore())
    store.fail("save", "row")
    store.fail("end")
    for call in (store.save("x", Change()), store.row("key"), store.end([])):
        with pytest.raises(StoreUnavailable):
            await call
    assert await store.load("x") is None
    store.heal()
    await every_verb(store)


async def test_a_failing_store_fails_altogether_and_can_still_be_closed():
    store = FailingStore(MemoryStore())
    store.fail()
    for call in (store.load("x"), store.touch([]), store.scan("", 1)):
        with pytest.raises(StoreUnavailable):
            await call
    await store.close()
    store.heal()
    assert await store.load("x") is None
