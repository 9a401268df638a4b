import asyncio

import pytest

from coatcheck import Identity, Reason, SessionEnded
from coatcheck.core.stream import RECONNECT
from coatcheck.manager import watching
from coatcheck.manager.watching import LONGEST_UNJUDGED, RETRY
from tests.manager.conftest import ADA
from tests.manager.feeds import SOON

BRIEFLY = 0.05
ROTATION_PERIOD = 900.0


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(watching, "LEAST_PAUSE", 0.0)


@pytest.fixture
async def opened(bench):
    """A session as a stream's request opens it."""
    await bench.sign_in()
    yield await bench.open()
    await bench.manager._context.changes.close()


async def settled(watch):
    """Take the first verdict, and the one that the beginning of the feed brings."""
    first = await watch.judge(SOON)
    while await watch.judge(BRIEFLY) is not None:
        pass
    return first


async def test_the_first_verdict_comes_at_once_and_then_only_with_news(bench, opened):
    with bench.manager.watch(opened) as watch:
        assert (await settled(watch)).record == opened.record
        bench.store.reset()
        assert await watch.judge(BRIEFLY) is None
        assert bench.store.reads == 0


async def test_a_change_by_another_worker_is_seen(bench, opened):
    with bench.manager.watch(opened) as watch:
        await settled(watch)
        demoted = Identity(user_id=ADA.user_id, email=ADA.email, roles=frozenset())
        await bench.worker(2).manager.update_user(demoted)
        assert (await watch.judge(SOON)).record.identity.roles == frozenset()


@pytest.mark.parametrize("reason", [Reason.REVOKED, Reason.USER_DISABLED, Reason.EVICTED])
async def test_an_end_is_seen_with_its_reason(bench, opened, reason):
    with bench.manager.watch(opened) as watch:
        await settled(watch)
        await bench.worker(2).manager.revoke(opened.id, reason=reason)
        verdict = await watch.judge(SOON)
        assert (verdict.record, verdict.reason) == (None, reason)


async def test_a_touch_wakes_nobody_and_prolongs_when_the_deadline_comes(bench, opened):
    with bench.manager.watch(opened) as watch:
        first = await settled(watch)
        bench.clock.advance(1000)
        await bench.manager.touch(await bench.open())
        assert await watch.judge(BRIEFLY) is None
        bench.clock.set(first.until + 1)
        later = await watch.judge(SOON)
        assert later.until == first.until + 1000


async def test_a_deadline_ends_it_though_nothing_happened(bench, opened):
    with bench.manager.watch(opened) as watch:
        first = await settled(watch)
        bench.clock.set(first.until + 0.001)
        assert (await watch.judge(SOON)).reason is Reason.IDLE_TIMEOUT


async def test_a_retired_token_reconnects_after_its_overlap_and_accuses_nobody(bench, opened):
    with bench.manager.watch(opened) as watch:
        await settled(watch)
        bench.clock.advance(ROTATION_PERIOD)
        await bench.visit()  # is offered the next token
        await bench.visit()  # and uses it
        verdict = await watch.judge(SOON)
        assert verdict.until == bench.clock.now() + 15
        bench.clock.set(verdict.until + 0.001)
        assert await watch.judge(SOON) is RECONNECT
    assert (await bench.open()).identity is not None
    assert not {"token.reused", "session.refused"} & set(bench.seen.names())


async def test_a_watch_is_no_activity_and_writes_nothing(bench, opened):
    bench.clock.advance(600)
    bench.store.reset()
    with bench.manager.watch(opened) as watch:
        await settled(watch)
    assert bench.store.writes == 0


async def test_an_outage_is_borne_for_a_while(bench, opened):
    with bench.manager.watch(opened) as watch:
        await settled(watch)
        bench.failing.fail("load")
        await bench.manager.revoke_user("nobody")
        for _ in range(int(LONGEST_UNJUDGED / RETRY / 2)):
            bench.clock.advance(RETRY * 2)
            watch._look_at = bench.clock.now()
            assert await watch.judge(SOON) is None
        bench.clock.advance(RETRY * 2 + 0.001)
        assert await watch.judge(SOON) is RECONNECT


async def test_an_outage_that_passes_is_forgotten(bench, opened):
    with bench.manager.watch(opened) as watch:
        await settled(watch)
        for _ in range(3):
            bench.failing.fail("load")
            watch._look_at = bench.clock.now()
            assert await watch.judge(SOON) is None
            bench.failing.heal()
            bench.clock.advance(LONGEST_UNJUDGED - 1)
            assert (await watch.judge(SOON)).record is not None


async def test_an_outage_prolongs_no_deadline(bench, opened):
    with bench.manager.watch(opened) as watch:
        first = await settled(watch)
        bench.failing.fail("load")
        bench.clock.set(first.until)
        assert await watch.judge(SOON) is None
        bench.clock.advance(RETRY + 0.001)
        assert await watch.judge(SOON) is RECONNECT


async def test_release_and_stop_let_it_reconnect(bench, opened):
    for let_go in (bench.manager.release, None):
        with bench.manager.watch(opened) as watch:
            await settled(watch)
            (let_go or watch.stop)()
            assert await watch.judge(SOON) is RECONNECT


async def test_leaving_the_manager_lets_everybody_go(bench, opened):
    async with bench.manager:
        with bench.manager.watch(opened) as watch:
            await settled(watch)
            waiting = asyncio.create_task(watch.judge(SOON))
            await asyncio.sleep(0)
            await bench.manager.__aexit__(None, None, None)
            assert await waiting is RECONNECT


async def test_a_session_that_is_written_all_the_time_is_read_now_and_then(bench, opened, monkeypatch):
    monkeypatch.setattr(watching, "LEAST_PAUSE", 0.2)
    with bench.manager.watch(opened) as watch:
        await settled(watch)
        bench.store.reset()
        began = asyncio.get_running_loop().time()
        for number in range(3):
            opened["n"] = number
            await bench.manager.save(opened)
            assert await watch.judge(SOON) is not None
        assert asyncio.get_running_loop().time() - began >= 0.2


async def test_who_signed_in_at_the_handshake_is_watched_too(bench):
    session = await bench.open()
    await bench.manager.begin(session, ADA)
    await bench.close(session)
    with bench.manager.watch(session) as watch:
        assert (await watch.judge(SOON)).record.user_id == ADA.user_id


async def test_a_visitor_without_a_token_cannot_be_watched(bench):
    with pytest.raises(SessionEnded), bench.manager.watch(await bench.open()):
        pass
