"""Writes that may wait, wait for a batch and are not lost to an outage."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from coatcheck import Identity, Lifetimes, Reason
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Ending
from coatcheck.manager import backlog as backlogs
from coatcheck.manager.backlog import Backlog
from coatcheck.stores import MemoryStore, open_store
from coatcheck.testing.contract import sample_record
from tests.manager.conftest import Bench
from tests.manager.feeds import until


def seen_at(stamp: float, number: int = 0) -> Record:
    """A session that was seen then, as far as the store knows."""
    return sample_record(number, last_seen_at=stamp)


async def test_touches_of_many_sessions_leave_as_one_call(bench: Bench) -> None:
    backlog = Backlog(bench.store, bench.clock.now)
    now = bench.clock.now()
    for number in range(100):
        backlog.touch(seen_at(now - 60, number), now, 60)
    backlog.touch(seen_at(now, 100), now + 1, 60)
    await backlog.write_due()
    assert bench.store.counts == {"touch": 1}
    await backlog.write_all()
    assert bench.store.counts == {"touch": 2}


async def test_the_newest_stamp_counts_at_the_earliest_time(bench: Bench) -> None:
    session = await bench.sign_in()
    assert session.record
    backlog = bench.manager._context.backlog
    start = bench.clock.now()
    bench.clock.advance(100)
    backlog.touch(session.record, start + 90, 60)
    backlog.touch(session.record, start + 80, 120)
    await backlog.write_due()
    record = (await bench.open()).record
    assert record is not None
    assert record.last_seen_at == start + 90
    await backlog.write_all()


async def test_an_outage_keeps_everything_for_later(bench: Bench) -> None:
    session = await bench.sign_in()
    assert session.record
    backlog = bench.manager._context.backlog
    now = bench.clock.advance(70)
    backlog.touch(session.record, now, 60)
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
    assert session.record
    backlog = bench.manager._context.backlog
    now = bench.clock.advance(70)
    bench.failing.fail("touch")
    backlog.touch(session.record, now, 60)
    for _ in range(10):
        await asyncio.sleep(0)
    bench.failing.heal()
    for _ in range(10):
        await asyncio.sleep(0)
    record = (await bench.open()).record
    assert record is not None
    assert record.last_seen_at == now


def test_what_a_loop_left_behind_is_written_by_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlogs, "MAX_DELAY", 0.1)
    now, backlog = bench.clock.now(), bench.manager._context.backlog

    async def touch(number: int) -> None:
        backlog.touch(seen_at(now - 60, number), now, 60)

    async def touch_and_wait(number: int) -> None:
        await touch(number)
        await until(lambda: not backlog._touches)

    asyncio.run(touch(1))
    asyncio.run(touch_and_wait(2))
    assert bench.store.counts == {"touch": 1}


class SlowStore(MemoryStore):
    """Holds each batch of touches back until it is told to take it."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[dict[str, float]] = []
        self.may_go_on = asyncio.Event()
        self.is_down = False

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        self.batches.append(dict(touches))
        await self.may_go_on.wait()
        if self.is_down:
            raise StoreUnavailable("slow, and then gone")


async def test_a_session_whose_batch_is_on_its_way_is_not_named_in_the_next(bench: Bench) -> None:
    store, record = SlowStore(), seen_at(bench.clock.now() - 60)
    backlog, now = Backlog(store, bench.clock.now), bench.clock.now
    backlog.touch(record, now(), 60)
    first = asyncio.create_task(backlog.write_due())
    await until(lambda: store.batches)
    bench.clock.advance(3)
    backlog.touch(record, now(), 60)  # the record of this request is as it was: nothing is stored yet
    await backlog.write_due()
    store.may_go_on.set()
    await first
    assert len(store.batches) == 1
    bench.clock.advance(57)
    await backlog.write_due()
    assert store.batches[1:] == [{record.id: now() - 57}]


async def test_activity_during_a_batch_that_fails_is_due_at_once(bench: Bench) -> None:
    store, record = SlowStore(), seen_at(bench.clock.now() - 60)
    backlog, now = Backlog(store, bench.clock.now), bench.clock.now
    backlog.touch(record, now(), 60)
    store.is_down = True
    first = asyncio.create_task(backlog.write_due())
    await until(lambda: store.batches)
    bench.clock.advance(3)
    backlog.touch(record, now(), 60)
    store.may_go_on.set()
    await first
    store.is_down = False
    await backlog.write_due()
    assert store.batches[1:] == [{record.id: now()}]
    backlog.touch(record, now() + 1, 60)
    assert (backlog._touches[record.id], backlog._due[record.id]) == (now() + 1, now() + 1), (
        "nothing is on its way any more"
    )


async def test_of_two_batches_on_their_way_the_later_counts(bench: Bench) -> None:
    """Where the store is slower than the touch interval of a short session."""
    store, record = SlowStore(), seen_at(bench.clock.now() - 60)
    backlog, now = Backlog(store, bench.clock.now), bench.clock.now
    writes = []
    for _ in range(2):
        backlog.touch(record, now(), 1)
        writes.append(asyncio.create_task(backlog.write_due()))
        await until(lambda: len(store.batches) == len(writes))
        bench.clock.advance(1)
    writes[0].cancel()
    await asyncio.gather(*writes[:1], return_exceptions=True)
    backlog.touch(record, now(), 60)
    assert (backlog._touches[record.id], backlog._due[record.id]) == (now(), now() + 59)
    store.may_go_on.set()
    await writes[1]
    await backlog.write_all()


async def test_two_thousand_requests_on_a_hundred_sessions_write_a_hundred_touches(bench: Bench) -> None:
    """Within one touch interval, in as many round trips as it takes seconds until all have been seen."""
    touched: list[str] = []
    touch = bench.failing.touch

    async def noted(touches: Sequence[tuple[str, float]]) -> None:
        touched.extend(id for id, _ in touches)
        await touch(touches)

    bench.failing.touch = noted  # type: ignore[method-assign]
    browsers = [bench.worker(seed) for seed in range(100)]
    for browser in browsers:
        browser.manager = bench.manager
        await browser.sign_in(Identity(user_id=f"u-{browser.seed}"))
    bench.clock.advance(120)  # a quiet while
    bench.store.reset()
    for second in range(40):
        for browser in browsers[second % 2 :: 2]:
            await browser.visit(active=True)
        await bench.manager._context.backlog.write_due()  # as the timer does each second
        bench.clock.advance(1)
    assert bench.store.counts["load"] == 2_000
    assert sorted(touched) == sorted([str((await browser.open()).id) for browser in browsers])
    assert bench.store.counts["touch"] == 2
    assert bench.store.writes == 2


KILLED = """
import asyncio, os, signal, sys
from coatcheck import Identity, SessionManager
from coatcheck.stores import open_store
from coatcheck.testing import ManualClock

async def main(url):
    clock = ManualClock()
    manager = SessionManager(open_store(url, near=True), clock=clock)
    async with manager:
        session = await manager.open(None)
        await manager.begin(session, Identity(user_id="ada"))
        token = (await manager.close(session)).text
        for _ in range(200):
            clock.advance(1)
            await manager.close(await manager.open(token), active=True)
            await manager._context.backlog.write_due()  # as the timer does each second
        print(session.id, clock.now(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(sys.argv[1]))
"""


async def test_a_kill_loses_one_touch_interval_of_activity_at_most_and_no_session(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sessions.db"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, url, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    assert child.returncode == -signal.SIGKILL
    id, active_at = said.decode().split()
    store = open_store(url)
    found = await store.load(id)
    await store.close()
    assert isinstance(found, Record)
    lost = float(active_at) - found.last_seen_at
    assert 0 < lost <= Lifetimes().touch_interval + backlogs.MAX_DELAY
