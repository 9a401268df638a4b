"""The sweeper: one worker at a time, bounded batches, and no failure that stops it."""

import asyncio
import logging

import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events import StoreFailed, SweepFinished
from coatcheck.core.lifetimes import DAY
from coatcheck.core.moving import MOVED_ROW
from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending
from coatcheck.manager import Sweeper, SweepPolicy
from coatcheck.manager.sweeper import last_sweep
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import FailingStore
from tests.manager.conftest import Bench
from tests.manager.feeds import until

OFTEN = SweepPolicy(period=0.001)
WEEK = 7 * DAY


class Rowless:
    """A store that shares nothing between its workers but sessions."""

    def __init__(self):
        memory = MemoryStore()
        self.sweep, self.end, self.load = memory.sweep, memory.end, memory.load


async def end(bench, count=1):
    """Leave tombstones."""
    ids = [f"{number:032x}" for number in range(count)]
    await bench.store.end([Ending(id, Reason.REVOKED, bench.clock.now()) for id in ids])


async def test_one_worker_sweeps_within_a_period(bench):
    period, other, sweeper = SweepPolicy().period, bench.worker(2), Sweeper()
    assert [await sweeper.sweep(worker.manager) for worker in (bench, other)] == [0, None]
    bench.clock.advance(period - 1)
    assert await sweeper.sweep(other.manager) is None
    bench.clock.advance(1)
    assert [await sweeper.sweep(worker.manager) for worker in (other, bench)] == [0, None]


async def test_of_workers_that_come_at_once_one_sweeps(bench):
    workers = [bench.worker(seed) for seed in range(20)]
    done = await asyncio.gather(*(Sweeper().sweep(worker.manager) for worker in workers))
    assert len([count for count in done if count is not None]) == 1


async def test_a_clock_that_jumps_back_does_not_stop_the_sweeping(bench):
    await Sweeper().sweep(bench.manager)
    bench.clock.advance(-3600)
    assert await Sweeper().sweep(bench.manager) == 0


async def test_it_takes_bounded_batches_until_nothing_is_left_and_tells(bench):
    await end(bench, 7)
    bench.clock.advance(WEEK + 1)
    bench.store.reset()
    assert await Sweeper(SweepPolicy(batch=3)).sweep(bench.manager) == 7
    assert bench.store.counts["sweep"] == 4
    assert [event.deleted for event in bench.seen.of(SweepFinished)] == [7]


async def test_what_is_over_stays_for_its_retention(bench):
    await end(bench)
    bench.clock.advance(DAY)
    assert await Sweeper().sweep(bench.manager) == 0
    bench.clock.advance(SweepPolicy().period)
    assert await Sweeper(SweepPolicy(retention=DAY)).sweep(bench.manager) == 1


async def test_every_worker_can_tell_when_a_sweep_last_came_to_its_end(bench):
    assert await last_sweep(bench.manager) is None
    bench.failing.fail("sweep")
    with pytest.raises(Exception, match="sweep fails"):
        await Sweeper().sweep(bench.manager)
    assert await last_sweep(bench.manager) is None
    bench.failing.heal()
    bench.clock.advance(SweepPolicy().period)
    await Sweeper().sweep(bench.manager)
    assert await last_sweep(bench.worker(2).manager) == bench.clock.now()


async def test_on_a_store_without_rows_each_worker_sweeps():
    bench = Bench(failing=FailingStore(Rowless()))
    await end(bench)
    bench.clock.advance(WEEK + 1)
    assert [await Sweeper().sweep(bench.worker(seed).manager) for seed in (1, 2)] == [1, 0]
    assert await last_sweep(bench.manager) is None


async def test_it_comes_again_for_as_long_as_the_manager_is_attended(bench):
    before = asyncio.all_tasks()
    async with Sweeper(OFTEN).attend(bench.manager):
        assert asyncio.all_tasks() > before
        for _ in range(2):
            await end(bench)
            bench.clock.advance(WEEK + 1)
            await until(lambda: bench.failing.inner._sessions == {})
    assert asyncio.all_tasks() == before


async def fail_by_the_store(bench, monkeypatch):
    bench.failing.fail()


async def fail_by_a_bug(bench, monkeypatch):
    def stumble(*_):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(bench.failing.inner, "sweep", stumble)


async def fail_by_a_row_that_moved(bench, monkeypatch):
    async def moved(_):
        return type("Row", (), {"value": MOVED_ROW, "version": 1})

    monkeypatch.setattr(bench.store, "row", moved)


@pytest.mark.parametrize(
    ("fail", "traced"), [(fail_by_the_store, False), (fail_by_a_bug, True), (fail_by_a_row_that_moved, False)]
)
async def test_no_failure_stops_it(bench, monkeypatch, caplog, fail, traced):
    await end(bench)
    bench.clock.advance(WEEK + 1)
    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING, "coatcheck"):
        await fail(bench, broken)
        async with Sweeper(OFTEN).attend(bench.manager):
            await until(lambda: bench.clock.advance(1) and len(bench.seen.of(StoreFailed)) >= 3)
            assert {event.verb for event in bench.seen.of(StoreFailed)} == {"sweep"}
            assert "will be tried again" in caplog.records[0].message
            assert bool(caplog.records[0].exc_info) is traced
            broken.undo()
            bench.failing.heal()
            await until(lambda: bench.clock.advance(1) and bench.seen.of(SweepFinished))


@pytest.mark.parametrize("wrong", [{"period": 0}, {"retention": -1}, {"batch": 0}])
def test_a_policy_that_cannot_work_is_refused(wrong):
    with pytest.raises(ConfigurationError, match="Give a period above 0"):
        SweepPolicy(**wrong)
