import asyncio
from contextlib import ExitStack

import pytest

from coatcheck.core.errors import StoreUnavailable
from coatcheck.manager import changes
from coatcheck.manager.changes import Changes
from coatcheck.testing import SeededEntropy
from tests.manager.feeds import SOON, ScriptedFeed, until

BRIEFLY = 0.02


@pytest.fixture
def store():
    return ScriptedFeed()


@pytest.fixture
def cuts():
    return []


@pytest.fixture
async def hub(store, cuts):
    hub = Changes(store, SeededEntropy(), lambda: cuts.append(1))
    yield hub
    await hub.close()
    assert store.open == 0


async def begin(store, subscription):
    """Let the feed say its first word, after which everybody looks."""
    await store.script.put(())
    assert await subscription.wait(SOON)


async def test_who_waits_hears_of_their_own_session_and_of_no_other(hub, store):
    with hub.subscribe("a") as mine, hub.subscribe("a") as also_mine, hub.subscribe("b") as other:
        for subscription in (mine, also_mine, other):
            await begin(store, subscription)
        await store.script.put(("a", "unwatched"))
        assert await mine.wait(SOON)
        assert await also_mine.wait(SOON)
        assert not await other.wait(BRIEFLY)
        assert not await mine.wait(BRIEFLY)


async def test_a_heartbeat_wakes_nobody(hub, store):
    with hub.subscribe("a") as mine:
        await begin(store, mine)
        await store.script.put(())
        assert not await mine.wait(BRIEFLY)


async def test_nobody_listens_until_somebody_waits_nor_afterwards(hub, store):
    await asyncio.sleep(0)
    assert store.begun == 0
    with hub.subscribe("a") as first, hub.subscribe("b"):
        await begin(store, first)
        assert (store.begun, store.open) == (1, 1)
    await until(lambda: store.open == 0)
    with hub.subscribe("a") as again:
        await begin(store, again)
        assert store.begun == 2


async def test_what_one_waiter_leaves_the_others_keep(hub, store):
    with hub.subscribe("a") as mine:
        await begin(store, mine)
        with hub.subscribe("a"), hub.subscribe("b"):
            pass
        await store.script.put(("a",))
        assert await mine.wait(SOON)
        assert store.begun == 1


@pytest.mark.parametrize("how", [StoreUnavailable("gone"), TimeoutError(), ValueError("a bug"), None])
async def test_a_cut_feed_is_asked_for_again_and_then_everybody_looks(hub, store, cuts, how, caplog):
    with hub.subscribe("a") as mine, hub.subscribe("b") as other:
        await begin(store, mine)
        await begin(store, other)
        await store.script.put(how)
        assert await mine.wait(SOON)  # after the pause
        assert await other.wait(SOON)
        assert cuts == [1]
        await begin(store, mine)  # and when it is whole again
        assert await other.wait(SOON)
        assert store.begun == 2
    assert bool(caplog.records) == isinstance(how, ValueError)


async def test_a_silent_feed_counts_as_cut(hub, store, cuts, monkeypatch):
    monkeypatch.setattr(changes, "SILENCE", BRIEFLY)
    with hub.subscribe("a"):
        await until(lambda: cuts)
        assert store.begun == 1


async def test_a_feed_that_was_whole_is_asked_for_quickly_again(hub, store):
    hub._cuts = 7
    with hub.subscribe("a") as mine:
        await begin(store, mine)
        assert hub._cuts == 0


async def test_release_lets_go_who_waits_and_later_ones_wait_as_ever(hub, store):
    with ExitStack() as stack:
        held = [stack.enter_context(hub.subscribe(id)) for id in "aab"]
        hub.release()
        for subscription in held:
            assert await subscription.wait(SOON)
            assert subscription.stopped
    with hub.subscribe("a") as later:
        await begin(store, later)
        assert not later.stopped


async def test_closing_lets_go_of_the_feed_though_somebody_still_holds_on(hub, store):
    with hub.subscribe("a") as mine:
        await begin(store, mine)
        await hub.close()
        assert mine.stopped
        assert store.open == 0
