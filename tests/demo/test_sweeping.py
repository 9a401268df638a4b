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
