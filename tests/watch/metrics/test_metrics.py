"""Metrics: events counted, the store timed, the state read; nothing added to a warm read."""

import dataclasses

import pytest

from coatcheck import Identity, Reason
from coatcheck.core import events
from coatcheck.core.client import NOWHERE
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.evidence import Evidence
from coatcheck.core.store import Rows
from coatcheck.manager import Sweeper
from coatcheck.stores.near import NearStore
from coatcheck.testing import ManualClock
from coatcheck.watch.metrics.counting import COUNTED
from tests.manager.feeds import ScriptedFeed, until
from tests.watch.metrics.conftest import Measured

ADA = Identity(user_id="u-ada", name="Ada")
EVIDENCE = Evidence(presented=1, current=3, age=60.0, one_step_back=False)
FOUND = {"severity": "alarm", "response": "log", "evidence": ()}


async def sign_in(manager, user=ADA):
    session = await manager.open(None)
    await manager.begin(session, user)
    return (await manager.close(session)).text


COUNTS = [
    (events.SessionCreated(at=1.0, user_id="u"), "sessions.created", "user", 1),
    (events.SessionCreated(at=1.0), "sessions.created", "visitor", 1),
    (events.SessionOver(at=1.0, reason=Reason.REVOKED), "sessions.ended", "revoked", 1),
    (events.SessionRefused(at=1.0, reason=Reason.IDLE_TIMEOUT), "sessions.refused", "idle_timeout", 1),
    (
        events.AccessDenied(at=1.0, reason=Reason.ROLE_REQUIRED, path="/"),
        "requests.denied",
        "role_required",
        1,
    ),
    (events.CrossOriginRefused(at=1.0, path="/", count=5), "requests.denied", "cross_origin", 5),
    (events.LoginSucceeded(at=1.0, amr=("pwd",)), "sign_ins", "succeeded", 1),
    (events.LoginFailed(at=1.0, cause="wrong_password"), "sign_ins", "wrong_password", 1),
    (events.LoginThrottled(at=1.0, retry_after=1.0), "sign_ins", "throttled", 1),
    (events.SessionRotated(at=1.0, generation=2), "tokens.rotated", "cookie", 1),
    (events.GrantRotated(at=1.0, grant="g", generation=2), "tokens.rotated", "grant", 1),
    (events.TokenReused(at=1.0, evidence=EVIDENCE, ended=True), "tokens.reused", "", 1),
    (events.TokenUnknown(at=1.0, count=7), "tokens.strange", "unknown", 7),
    (events.TokenMalformed(at=1.0, count=2), "tokens.strange", "malformed", 2),
    (events.CookieDuplicate(at=1.0, count=3), "tokens.strange", "duplicate", 3),
    (events.SweepFinished(at=1.0, deleted=12), "sweeper.deleted", "", 12),
    (events.AnomalyFound(at=1.0, rule="brute_force", **FOUND), "anomalies.found", "brute_force", 1),
    (events.SinkFailed(at=1.0, sink="audit", lost=3), "sinks.lost", "audit", 3),
    (events.StreamClosed(at=1.0, reason=Reason.REVOKED, delay=0.03), "revocation.delay", "stream", 0.03),
    (events.StoreFailed(at=1.0, verb="feed"), "store.failures", "feed", 1),
    (events.StoreFailed(at=1.0, verb="save"), "store.failures", "feed", 0),  # the verb counted itself
]


@pytest.mark.parametrize(("event", "name", "label", "value"), COUNTS)
def test_an_event_counts(worker, event, name, label, value):
    worker.manager.emit(event)
    assert worker.figures.values(name, label) == [value]
    assert worker.figures.values("events", event.name) == [1]


def test_every_event_that_counts_for_more_than_itself_is_in_the_table_above():
    assert {type(event) for event, *_ in COUNTS} == set(COUNTED)
    assert all(dataclasses.is_dataclass(kind) for kind in COUNTED)


async def test_each_verb_of_the_store_is_timed_and_its_failures_are_counted(worker):
    figures, store = worker.figures, worker.store
    original = dict(vars(store))

    async def slow(*_):
        worker.clock.advance(0.25)

    store.inner.load = slow
    async with worker.manager as manager:
        await store.load("0" * 32)
        await manager.touch(await manager.open(await sign_in(manager)))
        await store.touch([("a" * 32, 1.0), ("b" * 32, 2.0)])
        await store.put_row("key", b"value", expected=0, expires_at=2.0)
        store.fail("user")
        with pytest.raises(StoreUnavailable):
            await store.user("u-ada")
        assert isinstance(store, Rows)
    assert figures.values("store.duration", "load") == [0.25, 0.25]  # ours, and the manager's
    assert figures.values("store.duration", "create") == figures.values("store.duration", "put_row") == [0.0]
    assert len(figures.values("store.duration", "user")) == 2
    assert figures.values("store.failures", "user") == [1]
    assert figures.values("touch.batch")[-1] == 2
    assert {key: value for key, value in vars(store).items() if key != "_broken"} == {
        key: value for key, value in original.items() if key != "_broken"
    }


async def test_a_verb_that_a_store_lacks_is_not_timed():
    class Rowless:
        async def load(self, id):
            return None

    worker = Measured(Rowless())
    async with worker.manager as manager:
        await manager.store.load("0" * 32)
        assert not isinstance(manager.store, Rows)
        await until(lambda: worker.figures.values("streams.open"))
    assert worker.figures.last("sweeper.lag") is None
    assert len(worker.figures.values("store.duration", "load")) == 1
    assert vars(worker.store) == {}


async def test_a_store_that_takes_no_attributes_works_as_ever():
    class Slotted:
        __slots__ = ()

        async def load(self, id):
            return None

    worker = Measured(Slotted())
    async with worker.manager as manager:
        assert await manager.store.load("0" * 32) is None
    assert not worker.figures.values("store.duration", "load")


async def remembering(clock):
    """A worker with a near-cache, which hears that all is well, and has a session in it; and its cookie."""
    feed = ScriptedFeed()
    worker = Measured(NearStore(feed, clock=clock), clock=clock)
    text = await sign_in(worker.manager)
    await worker.manager.open(text)  # from now on it listens
    for _ in range(2):
        await feed.script.put(())
    await until(lambda: feed.waits and feed.script.empty())
    await worker.manager.open(text)
    return worker, text


async def test_a_warm_read_meets_no_metrics():
    worker, text = await remembering(ManualClock())
    recall, figures = worker.store.recall, worker.figures
    async with worker.manager as manager:
        await until(lambda: figures.values("sweeper.lag"))
        figures.put_in.clear()
        for _ in range(5):
            session = manager.present(text, NOWHERE)
            assert await manager.close(session) is None
        assert not figures.put_in
        assert manager._context.recall == worker.store.recall == recall
        assert "recall" not in vars(worker.store)
    await worker.store.close()


async def test_live_sessions_and_the_sweepers_lag_are_read_from_the_store(worker):
    figures = worker.figures
    async with worker.manager as manager:
        for _ in range(3):
            await sign_in(manager)
        await until(lambda: figures.last("sessions.live") == 3)
        worker.clock.advance(100)
        await until(lambda: (figures.last("sweeper.lag") or 0) >= 100)
        await manager.revoke_user("u-ada")
        await Sweeper().sweep(manager)
        await until(lambda: (figures.last("sessions.live"), figures.last("sweeper.lag")) == (0, 0))
    assert figures.closed


async def test_open_streams_are_counted(worker):
    async with worker.manager as manager:
        session = await manager.open(await sign_in(manager))
        with manager.watch(session), manager.watch(session):
            assert manager.watched == 2
            await until(lambda: worker.figures.last("streams.open") == 2)
        await until(lambda: worker.figures.last("streams.open") == 0)


async def test_how_the_cache_fares_is_read_as_what_was_added_since_the_last_time():
    worker, text = await remembering(ManualClock())
    figures, feed = worker.figures, worker.store.inner
    async with worker.manager as manager:
        for _ in range(4):
            session = await manager.open(text)
        measured = worker.store.measure()
        await until(lambda: figures.sum("near.looks", "hit") == measured.hits == 4)
        assert figures.sum("near.looks", "miss") == measured.misses == 2
        assert (figures.last("near.records"), figures.last("near.size")) == (1, measured.size)
        await manager.revoke(session.id)
        worker.clock.advance(0.04)
        await feed.script.put((session.id,))
        await until(lambda: figures.values("revocation.delay", "cache") == [pytest.approx(0.04)])
        await feed.script.put(StoreUnavailable("cut"))
        await until(lambda: figures.sum("near.lapses") == 1)
    await worker.store.close()


async def test_a_stream_that_is_told_of_its_end_says_how_late(worker):
    async with worker.manager as manager:
        session = await manager.open(await sign_in(manager))
        with manager.watch(session) as watch:
            assert (await watch.judge(1.0)).record
            await manager.revoke(session.id)
            worker.clock.advance(0.5)
            assert (await watch.judge(1.0)).reason is Reason.REVOKED
    assert worker.figures.values("revocation.delay", "stream") == [0.5]


async def test_a_store_that_is_down_does_not_end_the_readings(worker, caplog):
    figures = worker.figures
    async with worker.manager:
        worker.store.fail()
        await until(lambda: len(figures.values("streams.open")) > 3)
        assert figures.sum("store.failures", "count_alive") >= 1
        worker.store.heal()
        await until(lambda: figures.last("sweeper.lag") is not None)
    assert caplog.text == ""


async def test_whatever_fails_the_readings_go_on_and_it_is_logged(worker, caplog, monkeypatch):
    async def stumble(_):
        raise ZeroDivisionError("a bug")

    async with worker.manager:
        with monkeypatch.context() as broken:
            broken.setattr(worker.store, "row", stumble)
            await until(lambda: "could not be read" in caplog.text)
        await until(lambda: worker.figures.last("sweeper.lag") is not None)


async def test_observers_hear_of_nothing_that_metrics_do(worker):
    async with worker.manager:
        await until(lambda: worker.figures.values("streams.open"))
    assert not [key for key in worker.figures.put_in if key[0] == "events"]
