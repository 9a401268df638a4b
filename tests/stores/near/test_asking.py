import asyncio
import sqlite3
import threading

import pytest

from coatcheck.core.change import Change
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.record import Tombstone
from coatcheck.core.store import ABSENT, Doorbell, Ending
from coatcheck.stores import NearStore, SqliteStore
from coatcheck.stores.sqlite import changes
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.sample import sets

ADA = sample_record(1, "u-1")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sessions.db"


@pytest.fixture
async def other(path):
    """Another worker's store on the same file."""
    other = SqliteStore(path)
    await other.create(ADA)
    yield other
    await other.close()


@pytest.fixture
async def near(path, other):
    near = NearStore(SqliteStore(path))
    await near.load(ADA.id)
    assert near.recall(ADA.id) == ADA
    yield near
    await near.close()


async def test_a_change_elsewhere_is_known_at_the_next_look(near, other):
    saved = await other.save(ADA.id, Change(data=sets(a=1)))
    assert near.recall(ADA.id) is None
    assert await near.load(ADA.id) == saved
    assert near.recall(ADA.id) == saved
    await other.end([Ending(ADA.id, Reason.REVOKED, NOW)])
    assert near.recall(ADA.id) is None
    assert near.staleness == 0


async def test_a_session_created_elsewhere_is_absent_no_more(near, other):
    new = sample_record(2)
    await near.load(new.id)
    assert near.recall(new.id) is ABSENT
    await other.create(new)
    assert near.recall(new.id) is None


async def test_what_others_change_of_other_sessions_disturbs_nothing(near, other):
    await other.create(sample_record(2))
    await other.touch([(ADA.id, NOW + 60)])
    assert near.recall(ADA.id) == ADA


async def test_who_looked_too_seldom_to_know_starts_empty_and_leaks_nothing(near, other, monkeypatch):
    monkeypatch.setattr(changes, "KEPT", 1)
    monkeypatch.setattr(changes, "_BATCH", 1)
    before = len(near.inner._readers._all)
    for turn in range(3):
        await other.save(ADA.id, Change(data=sets(a=turn)))
        await other.save(ADA.id, Change(data=sets(b=turn)))
        assert near.recall(ADA.id) is None
        assert near.measure().lapses == turn + 1
        await near.load(ADA.id)
        assert near.recall(ADA.id) is not None
    assert len(near.inner._readers._all) == before


async def test_a_file_that_cannot_be_read_is_believed_no_more(near, other):
    near.inner._readers._all[0].close()
    await other.create(sample_record(2))
    assert near.recall(ADA.id) is None
    await near.load(ADA.id)
    assert near.recall(ADA.id) == ADA


async def test_a_closed_store_recalls_nothing(near):
    await near.close()
    assert near.recall(ADA.id) is None
    with pytest.raises(StoreUnavailable):
        await near.load(ADA.id)
    assert near.recall(ADA.id) is None


async def test_a_doorbell_of_a_closed_store_says_so(path, other):
    assert isinstance(other, Doorbell)
    ring = other.doorbell()
    assert ring() == ()
    await other.close()
    with pytest.raises(StoreUnavailable):
        ring()
    with pytest.raises(StoreUnavailable):
        other.doorbell()


async def test_a_doorbell_that_cannot_be_hung_says_why(path, other, monkeypatch):
    def broken(connection, path):
        raise sqlite3.OperationalError("no such table")

    monkeypatch.setattr("coatcheck.stores.sqlite.store.Position", broken)
    with pytest.raises(StoreUnavailable, match="no such table"):
        other.doorbell()


async def test_many_first_reads_at_once_hang_one_doorbell(path, other):
    near = NearStore(SqliteStore(path))
    hung = []
    doorbell = near.inner.doorbell

    def counted():
        hung.append(1)
        return doorbell()

    near.inner.doorbell = counted
    await asyncio.gather(*(near.load(ADA.id) for _ in range(10)))
    assert len(hung) == 1
    await near.close()


async def test_no_thread_recalls_what_ended_before_it_looked(near, other):
    """The end is acknowledged, then noted; whoever reads the note before looking must find nothing."""
    records = [sample_record(f"t{number}") for number in range(30)]
    for record in records:
        await near.create(record)
        await near.load(record.id)
    ended, failures, done = [], [], threading.Event()

    def look():
        while not done.is_set():
            failures.extend(id for id in tuple(ended) if near.recall(id) is not None)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for record in records:
        await other.end([Ending(record.id, Reason.REVOKED, NOW)])
        ended.append(record.id)
    done.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert isinstance(await near.load(records[0].id), Tombstone)
