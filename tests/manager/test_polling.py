from contextlib import aclosing

import pytest

from coatcheck.core.change import Change, DataChange
from coatcheck.core.errors import CorruptRecord, StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending
from coatcheck.manager import polling
from coatcheck.manager.changes import Changes
from coatcheck.testing import FailingStore, SeededEntropy
from tests.core.support import T0, make_record
from tests.manager.feeds import SOON, Unfed, until

RECORD = make_record()
ID = RECORD.id


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(polling, "PERIOD", 0.001)


@pytest.fixture
async def store():
    store = Unfed()
    await store.create(RECORD)
    return store


async def heard(feed, rounds=3):
    """What a feed tells in a few rounds, heartbeats left out."""
    told = []
    for _ in range(rounds * 2):
        told += await anext(feed)
    return told


async def test_the_first_look_and_every_change_are_told_once(store):
    async with aclosing(polling.poll(store, {ID})) as feed:
        assert await anext(feed) == ()
        assert await heard(feed) == [ID]
        assert await heard(feed) == []
        await store.save(ID, Change(data=DataChange(sets={"x": b"1"})))
        assert await heard(feed) == [ID]
        await store.end([Ending(ID, Reason.REVOKED, T0)])
        assert await heard(feed) == [ID]
        assert await heard(feed) == []


async def test_only_what_is_watched_is_read(store):
    watched = set()
    async with aclosing(polling.poll(store, watched)) as feed:
        assert await heard(feed) == []
        assert store.loads == 0
        watched.add(ID)
        assert await heard(feed) == [ID]
        watched.clear()
        await heard(feed)
        read = store.loads
        assert await heard(feed) == []
        assert store.loads == read
        watched.add(ID)
        assert await heard(feed) == [ID]


async def test_a_row_that_cannot_be_read_is_a_change_and_no_fault(store, monkeypatch):
    async with aclosing(polling.poll(store, {ID})) as feed:
        assert await heard(feed) == [ID]

        async def corrupt(id):
            raise CorruptRecord("what is this?")

        monkeypatch.setattr(store, "load", corrupt)
        assert await heard(feed) == [ID]


async def test_a_store_that_is_down_cuts_it(store):
    failing = FailingStore(store)
    async with aclosing(polling.poll(failing, {ID})) as feed:
        assert await heard(feed) == [ID]
        failing.fail()
        with pytest.raises(StoreUnavailable):
            await heard(feed)


async def test_the_hub_polls_a_store_without_a_feed_while_somebody_waits(store):
    hub = Changes(store, SeededEntropy(), lambda: None)
    with hub.subscribe(ID) as mine:
        assert await mine.wait(SOON)  # the feed has begun
        await until(lambda: store.loads > 2)
        await mine.wait(SOON)
        await store.end([Ending(ID, Reason.REVOKED, T0)])
        assert await mine.wait(SOON)
        listener = hub._listener
    await hub.close()
    assert listener.done()
