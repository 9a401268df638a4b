"""Writes that may wait, wait for a batch and are not lost to an outage."""

import asyncio

import pytest

from coatcheck import Reason
from coatcheck.core.record import Tombstone
from coatcheck.core.store import Ending
from coatcheck.manager import backlog as backlogs
from coatcheck.manager.backlog import Backlog
from tests.manager.conftest import Bench


async def test_touches_of_many_sessions_leave_as_one_call(bench: Bench) -> None:
    backlog = Backlog(bench.store, bench.clock.now)
    now = bench.clock.now()
    for number in range(100):
        backlog.touch(f"{number:032x}", now, now)
    backlog.touch("f" * 32, now, now + 60)
    await backlog.write_due()
    assert bench.store.counts == {"touch": 1}
    await backlog.write_all()
    assert bench.store.counts == {"touch": 2}


async def test_the_newest_stamp_counts_at_the_earliest_time(bench: Bench) -> None:
    session = await bench.sign_in()
    assert session.id
    backlog = bench.manager._context.backlog
    start = bench.clock.now()
    bench.clock.advance(100)
    backlog.touch(session.id, start + 90, start + 60)
    backlog.touch(session.id, start + 80, start + 120)
    await backlog.write_due()
    record = (await bench.open()).record
    assert record is not None
    assert record.last_seen_at == start + 90
    await backlog.write_all()


async def test_an_outage_keeps_everything_for_later(bench: Bench) -> None:
    session = await bench.sign_in()
    assert session.id
    backlog = bench.manager._context.backlog
    now = bench.clock.advance(70)
    backlog.touch(session.id, now, now)
    backlog.end(Ending("e" * 32, Reason.TOKEN_REUSED, now))
    bench.failing.fail()
    await backlog.write_due()
    bench.failing.heal()
    await backlog.write_all()
    assert isinstance(await bench.store.load("e" * 32), Tombstone)
    record = (await bench.open()).record
    assert record is not None
    assert record.last_seen_at == now


async def test_a_timer_writes_without_being_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlogs, "MAX_DELAY", 0.0)
    session = await bench.sign_in()
    assert session.id
    backlog = bench.manager._context.backlog
    now = bench.clock.advance(70)
    bench.failing.fail("touch")
    backlog.touch(session.id, now, now)
    for _ in range(10):
        await asyncio.sleep(0)
    bench.failing.heal()
    for _ in range(10):
        await asyncio.sleep(0)
    record = (await bench.open()).record
    assert record is not None
    assert record.last_seen_at == now
