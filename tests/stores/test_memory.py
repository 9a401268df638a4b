"""What only the memory store promises; the rest is the contract's."""

from coatcheck.core.change import Change
from coatcheck.core.identity import Identity
from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending
from coatcheck.stores import MemoryStore
from coatcheck.testing.contract import NOW, sample_record


def runs_through(verb):
    """Run a verb without an event loop; it must never wait for anything."""
    try:
        verb.send(None)
    except StopIteration as finished:
        return finished.value
    raise AssertionError("the verb suspended")


def test_no_verb_suspends_so_each_is_one_atomic_step():
    store, record = MemoryStore(), sample_record(1, "u-1")
    assert runs_through(store.create(record)) == ()
    assert runs_through(store.load(record.id)) == record
    assert runs_through(store.save(record.id, Change(seen_at=NOW + 1))).last_seen_at == NOW + 1
    assert runs_through(store.touch([(record.id, NOW + 2)])) is None
    assert runs_through(store.user("u-1")).ids == (record.id,)
    assert runs_through(store.bump("u-1")).version == 1
    assert runs_through(store.end([Ending(record.id, Reason.REVOKED, NOW)])) == 1
    assert runs_through(store.sweep(NOW + 1, 1)) == 1
    assert runs_through(store.delete([record.id])) == 0
    assert runs_through(store.put_row("key", b"1", expected=0, expires_at=NOW))
    assert runs_through(store.row("key")).value == b"1"
    assert runs_through(store.delete_row("key")) is None
    assert runs_through(store.scan("", 1)) == []
    assert runs_through(store.close()) is None


async def test_touches_leave_one_entry_in_the_queue_of_the_sweeper():
    store, record = MemoryStore(), sample_record(1)
    await store.create(record)
    for second in range(1, 100):
        await store.touch([(record.id, NOW + second)])
    assert len(store._sessions_due._heap) == 1
    assert await store.sweep(NOW + 1_850, 1) == 0
    assert await store.sweep(NOW + 1_900, 1) == 1


async def test_a_deleted_session_never_counts_as_swept():
    store, record = MemoryStore(), sample_record(1)
    await store.create(record)
    await store.delete([record.id])
    assert await store.sweep(NOW + 100_000, 10) == 0


async def test_nothing_is_remembered_of_users_without_sessions():
    store, record = MemoryStore(), sample_record(1, "u-1")
    await store.create(record)
    await store.save(record.id, Change(identity=Identity(user_id="u-2")))
    assert (await store.user("u-2")).ids == (record.id,)
    await store.end([Ending(record.id, Reason.REVOKED, NOW)])
    assert store._ids == {}
