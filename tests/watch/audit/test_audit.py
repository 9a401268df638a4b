import asyncio

import pytest

from coatcheck import Identity, SessionManager
from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.core.events import SessionCreated, SessionOver, SinkFailed, StoreFailed
from coatcheck.core.ledger import Search
from coatcheck.core.lifetimes import DAY
from coatcheck.stores import open_store
from coatcheck.testing import FailingStore, ManualClock, RecordingObserver, SeededEntropy
from coatcheck.watch.audit import Audit, waiting
from coatcheck.watch.audit import audit as audit_module
from coatcheck.watch.audit.statements import CHECKPOINT
from coatcheck.watch.audit.verify import verify
from coatcheck.watch.audit.waiting import Waiting
from coatcheck.watch.audit.worker import Worker

in_memory = pytest.mark.parametrize("url", ["memory"], indirect=True)


def told(number: int) -> StoreFailed:
    return StoreFailed(at=1_700_000_000.0 + number, verb=str(number))


async def test_every_event_is_in_the_ledger_at_the_end(app, store):
    async with app.worker() as manager:
        id = await app.sign_in(manager)
        await manager.revoke(id, by="operator")
    created, ended, checkpoint = await app.entries()
    assert isinstance(created.event, SessionCreated)
    assert (created.event.user_id, created.event.device.ip) == ("ada", "192.0.2.7")
    assert isinstance(ended.event, SessionOver)
    assert (ended.session_id, ended.event.actor) == (id, "operator")
    assert checkpoint.name == CHECKPOINT


@in_memory
async def test_events_are_written_while_the_app_runs(app, store):
    async with app.worker() as manager:
        await app.sign_in(manager)
        assert [entry.name for entry in await app.soon()] == ["session.created"]


@in_memory
async def test_what_happened_before_the_manager_was_entered_is_written_too(app, store):
    manager = app.worker()
    await app.sign_in(manager)
    async with manager:
        assert [entry.name for entry in await app.soon()] == ["session.created"]


@in_memory
async def test_who_cannot_wait_has_it_written_at_once(store):
    audit = Audit(checkpoint_every=None)
    audit.observe(told(1))
    await audit.write()  # nobody is there yet who could
    async with SessionManager(store, observers=[audit]):
        await audit.write()
        assert len(await store.find(Search(), None, 10)) == 1


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_the_ledger_is_looked_after_while_the_app_runs(app, store, monkeypatch):
    monkeypatch.setattr(audit_module, "PAUSE_SECONDS", 0.01)
    async with app.worker(retention=2 * DAY) as manager:
        await app.sign_in(manager)
        async with asyncio.timeout(5):
            while not await store.find(Search(name=CHECKPOINT), None, 1):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.02)


async def test_what_cannot_be_looked_after_is_told_and_tried_again(monkeypatch, caplog):
    monkeypatch.setattr(audit_module, "PAUSE_SECONDS", 0.01)
    store = FailingStore(open_store("memory://"))
    async with SessionManager(store, observers=[Audit(retention=2 * DAY)]) as manager:
        store.fail("find")
        async with asyncio.timeout(5):
            while "cannot be looked after now" not in caplog.text:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.01)
        store.heal()
        await manager.begin(await manager.open(None), Identity(user_id="ada"))
    assert [entry.name for entry in await store.find(Search(), None, 10)] == [CHECKPOINT, "session.created"]


async def test_a_store_without_a_ledger_is_refused_at_the_start():
    class Forgetful(FailingStore):
        append = None

    manager = SessionManager(Forgetful(open_store("memory://")), observers=[Audit()])
    del manager.store.append
    with pytest.raises(ConfigurationError, match="keeps no audit ledger"):
        async with manager:
            pass


class Bench:
    """A worker in the test's hands, whose store can fail."""

    def __init__(self) -> None:
        self.store = FailingStore(open_store("memory://"))
        self.seen = RecordingObserver()
        self.clock = ManualClock()
        self.manager = SessionManager(
            self.store, observers=[self.seen], clock=self.clock, entropy=SeededEntropy()
        )
        self.waiting = Waiting()
        self.worker = Worker(self.manager, self.store, self.waiting)

    async def texts(self) -> list[str]:
        return [entry.body["verb"] for entry in reversed(await self.store.find(Search(), None, 100))]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_ledger_that_fails_is_told_once_and_everything_is_written_later(bench):
    bench.store.fail("append")
    for number in range(3):
        bench.waiting.put(told(number))
        assert not await bench.worker.write_all()
    assert [(event.sink, event.lost) for event in bench.seen.of(SinkFailed)] == [("audit", 0)]
    bench.store.heal()
    assert await bench.worker.write_all()
    assert await bench.texts() == ["0", "1", "2"]
    assert (await verify(bench.store)).findings == []
    bench.store.fail("append")
    bench.waiting.put(told(3))
    await bench.worker.write_all()
    assert len(bench.seen.of(SinkFailed)) == 2


async def test_what_finds_no_room_is_counted_and_told(bench, monkeypatch):
    monkeypatch.setattr(waiting, "MOST", 2)
    for number in range(5):
        bench.waiting.put(told(number))
    await bench.worker.write_all()
    assert await bench.texts() == ["0", "1"]
    assert [event.lost for event in bench.seen.of(SinkFailed)] == [3]
    await bench.worker.write_all()
    assert len(bench.seen.of(SinkFailed)) == 1


async def test_an_event_that_cannot_be_described_is_lost_alone(bench, caplog):
    for number in (1, float("nan"), 2):
        bench.waiting.put(told(number))
    assert await bench.worker.write_all()
    assert await bench.texts() == ["1", "2"]
    assert [event.lost for event in bench.seen.of(SinkFailed)] == [1]
    assert "cannot be described" in caplog.text


async def test_an_app_that_stops_while_the_ledger_fails_says_how_many_are_lost(bench, caplog):
    bench.store.fail("append")
    bench.waiting.put(told(1))
    await bench.worker.finish()
    assert "1 events are lost to the audit ledger" in caplog.text


async def test_a_batch_whose_answer_was_lost_is_written_once(bench):
    append = bench.store.inner.append

    async def silently(*args):
        await append(*args)
        raise StoreUnavailable("the answer was lost")

    bench.store.append = silently
    bench.waiting.put(told(1))
    assert not await bench.worker.write_all()
    bench.store.append = append
    bench.waiting.put(told(2))
    assert await bench.worker.write_all()
    assert await bench.texts() == ["1", "2"]
    assert (await verify(bench.store)).findings == []


async def test_a_worker_whose_chain_another_writes_begins_a_new_one(bench):
    bench.waiting.put(told(1))
    await bench.worker.write_all()
    other = Worker(bench.manager, bench.store, Waiting())
    other._chain = bench.worker._chain
    forger = type(bench.worker._chain)(SeededEntropy("forger"))
    forger.id, forger.last = bench.worker._chain.id, bench.worker._chain.last
    await bench.store.append(forger.extend([{"event": "told", "at": 0.0, "verb": "forged"}]))
    bench.waiting.put(told(2))
    assert await bench.worker.write_all()
    assert await bench.texts() == ["1", "forged", "2"]
    assert len(await bench.store.heads()) == 2


async def test_a_chain_that_rested_for_a_day_is_left_alone(bench):
    bench.waiting.put(told(1))
    await bench.worker.write_all()
    bench.clock.advance(2 * DAY)
    bench.waiting.put(told(2))
    await bench.worker.write_all()
    assert len(await bench.store.heads()) == 2


async def test_a_statement_waits_behind_what_the_store_did_not_take(bench):
    bench.store.fail("append")
    bench.waiting.put(told(1))
    await bench.worker.write_all()
    with pytest.raises(StoreUnavailable):
        await bench.worker.write([{"event": "told", "at": 1.0, "verb": "stated"}])
    bench.store.heal()
    await bench.worker.write([{"event": "told", "at": 1.0, "verb": "stated"}])
    assert await bench.texts() == ["1", "stated"]
