"""Counts by the minute, and the pulse that all workers share."""

import pytest

from coatcheck import SessionManager
from coatcheck.admin import minutes
from coatcheck.admin.counting import Counting
from coatcheck.admin.minutes import Series
from coatcheck.admin.pulse import Pulse
from coatcheck.core.events import (
    AnomalyFound,
    LoginFailed,
    LoginThrottled,
    SessionCreated,
    SessionOver,
    SessionRotated,
    StoreRolledBack,
    TokenReused,
)
from coatcheck.core.evidence import Evidence
from coatcheck.core.reason import Reason
from coatcheck.stores import MemoryStore
from coatcheck.testing import FailingStore, ManualClock
from coatcheck.testing.contract import NOW, sample_record
from tests.admin.bare import BareStore

EVIDENCE = Evidence(presented=1, current=2, age=60.0, one_step_back=True)


def anomaly(severity):
    return AnomalyFound(at=NOW, rule="burst", severity=severity, response="log", evidence=())


@pytest.mark.parametrize(
    ("event", "column"),
    [
        (SessionCreated(at=NOW, user_id="ada"), "sign_ins"),
        (SessionCreated(at=NOW), None),
        (LoginFailed(at=NOW, cause="unknown_user"), "failures"),
        (LoginThrottled(at=NOW, retry_after=1.0), "failures"),
        (SessionOver(at=NOW, reason=Reason.REVOKED), "ended"),
        (TokenReused(at=NOW, evidence=EVIDENCE, ended=True), "alarms"),
        (StoreRolledBack(at=NOW), "alarms"),
        (anomaly("alarm"), "alarms"),
        (anomaly("warning"), "alarms"),
        (anomaly("notice"), "alarms"),
        (SessionRotated(at=NOW, generation=2), None),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_each_event_has_its_column_or_none(event, column):
    place = minutes.column_of(event)
    assert (None if place is None else minutes.COUNTED[place]) == column


def test_counts_add_up_and_the_last_look_at_the_living_counts():
    assert minutes.add((1, 0, 2, 0, 8), (1, 1, 0, 0, 5)) == (2, 1, 2, 0, 5)
    assert minutes.add((1, 0, 0, 0, 8), (1, 0, 0, 0, 0)) == (2, 0, 0, 0, 8)
    assert minutes.merge({3: (1, 0, 0, 0, 0)}, {3: (1, 0, 0, 0, 0), 4: minutes.EMPTY}) == {
        3: (2, 0, 0, 0, 0),
        4: minutes.EMPTY,
    }


def test_a_series_crosses_the_hour_and_fills_its_gaps():
    series = minutes.series({1: {59: (1, 0, 0, 0, 4)}, 2: {1: (2, 1, 0, 0, 0)}}, last=121, count=3)
    assert series.moments() == [119 * 60, 120 * 60, 121 * 60]
    assert series.column("sign_ins") == [1, 0, 2]
    assert series.total("failures") == 1
    assert series.alive() == [3, None, None]
    assert series.with_alive(9).alive() == [3, None, 9]
    assert series.with_alive(None) is series


class Worker:
    """A pulse with a manager of its own, over a store that it shares."""

    def __init__(self, store, clock):
        self.clock = clock
        self.manager = SessionManager(store, clock=clock)
        self.pulse = Pulse(Counting(self.manager, clock))
        self.pulse.keep_in(store)

    def sign_in(self):
        self.pulse.observe(SessionCreated(at=self.clock.now(), user_id="ada"))

    async def sign_ins(self):
        return (await self.pulse.read(self.clock.now())).total("sign_ins")


async def test_workers_see_what_each_other_counted_and_a_restart_forgets_nothing(store):
    clock = ManualClock()
    one, two = Worker(store, clock), Worker(store, clock)
    one.sign_in()
    two.sign_in()
    assert await one.sign_ins() == 1
    await one.pulse.flush()
    await two.pulse.flush()
    assert await one.sign_ins() == 2
    async with two.pulse.attend(two.manager):
        two.sign_in()
    three = Worker(store, clock)
    assert await three.sign_ins() == 3
    clock.advance(3_600)
    assert await three.sign_ins() == 0


async def test_what_happens_while_the_row_is_written_is_added_next_time(store):
    worker = Worker(store, ManualClock())
    worker.sign_in()
    add = worker.pulse._add

    async def slow(*args):
        worker.sign_in()
        await add(*args)

    worker.pulse._add = slow
    await worker.pulse.flush()
    worker.pulse._add = add
    assert await worker.sign_ins() == 2
    await worker.pulse.flush()
    assert await Worker(store, worker.clock).sign_ins() == 2


async def test_the_living_are_sampled_once_a_minute_by_whoever_comes_first(store):
    clock = ManualClock()
    one, two = Worker(store, clock), Worker(store, clock)
    for worker in (one, two):
        await worker.pulse.beat(worker.manager)
    await store.create(sample_record(1, last_seen_at=clock.now(), created_at=clock.now()))
    clock.advance(60)
    for worker in (two, one, two):
        await worker.pulse.beat(worker.manager)
    assert (await one.pulse.read(clock.now(), 2)).alive() == [0, 1]


async def test_without_small_rows_each_worker_has_its_own_counts():
    worker = Worker(BareStore(), ManualClock())
    worker.sign_in()
    await worker.pulse.beat(worker.manager)
    worker.sign_in()
    assert await worker.sign_ins() == 2
    assert (await worker.pulse.read(worker.clock.now(), 1)).alive() == [None]


async def test_a_store_that_fails_loses_no_count(caplog):
    store = FailingStore(MemoryStore())
    worker = Worker(store, ManualClock())
    worker.sign_in()
    store.fail()
    await worker.pulse.beat(worker.manager)
    assert "have a gap" in caplog.text
    store.heal()
    await worker.pulse.beat(worker.manager)
    assert await Worker(store, worker.clock).sign_ins() == 1


async def test_a_count_is_good_for_fifty_times_as_long_as_it_took():
    clock, asked = ManualClock(), []

    class Slow(MemoryStore):
        async def count_alive(self, now):
            asked.append(now)
            clock.advance(2)
            return 7

    counting = Counting(SessionManager(Slow(), clock=clock), clock)
    assert await counting.alive() == 7
    clock.advance(99)
    assert await counting.alive() == 7
    assert len(asked) == 1
    clock.advance(2)
    await counting.alive()
    assert len(asked) == 2


def test_a_series_of_nothing_has_no_total():
    assert Series(0.0, ()).total("alarms") == 0
