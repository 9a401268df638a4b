import asyncio

from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending
from coatcheck.demo.sweeping import PERIOD, sweep_once, sweeping
from coatcheck.manager import SessionManager
from coatcheck.stores import MemoryStore
from coatcheck.testing import ManualClock


def make_manager(store, clock):
    return SessionManager(store, clock=clock)


async def test_only_one_worker_sweeps_within_a_period():
    store, clock = MemoryStore(), ManualClock()
    workers = [make_manager(store, clock), make_manager(store, clock)]
    assert [await sweep_once(worker) for worker in workers] == [True, False]
    clock.advance(PERIOD)
    assert [await sweep_once(worker) for worker in workers] == [True, False]


async def test_what_is_long_over_goes():
    store, clock = MemoryStore(), ManualClock()
    manager = make_manager(store, clock)
    await store.end([Ending("a" * 32, Reason.REVOKED, clock.now())])
    clock.advance(8 * 86_400)
    async with sweeping(manager):
        for _ in range(100):
            await asyncio.sleep(0)
    assert await store.load("a" * 32) is None


async def test_who_loses_the_race_for_the_lease_does_not_sweep(monkeypatch):
    store = MemoryStore()
    manager = make_manager(store, ManualClock())

    async def taken(*_args, **_facts):
        return False

    monkeypatch.setattr(store, "put_row", taken)
    assert not await sweep_once(manager)


async def test_it_goes_on_until_nothing_is_left(monkeypatch):
    manager = make_manager(MemoryStore(), ManualClock())
    batches = [500, 3, 0]

    async def sweep():
        return batches.pop(0)

    monkeypatch.setattr(manager, "sweep", sweep)
    assert await sweep_once(manager)
    assert batches == []
