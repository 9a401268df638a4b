"""How the parts behind the sessions fare."""

import pytest

from coatcheck import SessionManager
from coatcheck.admin.health import SLOW, examine
from coatcheck.manager.sweeper import sweep_all
from coatcheck.stores import MemoryStore, NearStore, SqliteStore
from coatcheck.testing import FailingStore, ManualClock
from tests.admin.bare import BareStore


@pytest.fixture
def clock():
    return ManualClock()


async def test_a_store_that_answers_is_good_and_one_that_is_slow_is_slow(clock):
    class Slow(MemoryStore):
        async def load(self, id):
            clock.advance(SLOW * 2)

    assert (await examine(SessionManager(MemoryStore(), clock=clock), clock)).verdict == "good"
    slow = await examine(SessionManager(Slow(), clock=clock), clock)
    assert slow.verdict == "slow"
    assert slow.read_seconds == pytest.approx(SLOW * 2)


async def test_a_store_that_cannot_be_read_is_down_and_says_why():
    store = FailingStore(MemoryStore())
    store.fail()
    health = await examine(SessionManager(store))
    assert health.verdict == "down"
    assert "as the test wishes" in health.fault


async def test_clocks_that_differ_are_told(clock):
    class Ahead(MemoryStore):
        async def engine_now(self):
            return clock.now() + 7

    assert (await examine(SessionManager(Ahead(), clock=clock), clock)).skew == 7
    assert (await examine(SessionManager(MemoryStore(), clock=clock), clock)).skew is None


async def test_behind_a_near_cache_is_the_store_itself(tmp_path):
    store = NearStore(SqliteStore(tmp_path / "sessions.db"))
    async with SessionManager(store) as manager:
        health = await examine(manager)
        assert health.engine == "SqliteStore"
        assert health.near is not None
        assert {"Doorbell", "Cached", "Overview"} <= {name for name, has in health.skills if has}
    await store.close()


async def test_the_last_sweep_is_told_and_a_bare_store_has_no_skills(clock):
    manager = SessionManager(MemoryStore(), clock=clock)
    assert (await examine(manager)).swept_at is None
    async for _ in sweep_all(manager):
        pass
    assert (await examine(manager)).swept_at == clock.now()
    assert not [name for name, has in (await examine(SessionManager(BareStore()))).skills if has]
