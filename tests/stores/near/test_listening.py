import asyncio
import random
import threading

import pytest

from coatcheck import ConfigurationError
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import HEARTBEAT
from coatcheck.stores.near import STALENESS, NearStore
from coatcheck.stores.near import listening as listenings
from coatcheck.stores.near.cache import Cache, Limits
from coatcheck.stores.near.listening import Listening
from coatcheck.stores.near.measures import Pushes
from coatcheck.testing import ManualClock, SeededEntropy
from coatcheck.testing.contract import sample_record
from tests.manager.feeds import ScriptedFeed, until

ADA = sample_record(1, "u-1")
BRIEFLY = 0.02


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def inner():
    return ScriptedFeed()


@pytest.fixture
async def near(inner, clock, monkeypatch):
    """A store with Ada's session, which listens to a feed that has not spoken yet."""
    monkeypatch.setattr(listenings, "pause_after", lambda cuts, entropy: BRIEFLY)
    near = NearStore(inner, clock=clock, entropy=SeededEntropy())
    await near.create(ADA)
    await near.load(ADA.id)
    yield near
    await near.close()
    assert inner.open == 0


async def says(inner, *items):
    for item in items:
        await inner.script.put(item)
    await until(lambda: inner.waits and inner.script.empty())


async def remember(near, inner):
    await says(inner, (), ())
    await near.load(ADA.id)
    assert near.recall(ADA.id) == ADA


async def test_nothing_is_believed_before_the_feed_has_spoken(near, inner):
    assert near.recall(ADA.id) is None
    await says(inner, ())
    assert near.recall(ADA.id) is None, "what was read before is forgotten"
    await near.load(ADA.id)
    assert near.recall(ADA.id) == ADA
    assert near.measure().lapses == 0


async def test_what_the_feed_tells_of_is_forgotten(near, inner):
    await remember(near, inner)
    await says(inner, (ADA.id,))
    assert near.recall(ADA.id) is None
    assert near.measure().invalidations == 1


async def test_a_read_that_began_before_the_feed_told_inserts_nothing(near, inner, monkeypatch):
    await says(inner, (), ())
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def slow(id):
        reading.set()
        await go_on.wait()
        return ADA

    monkeypatch.setattr(inner, "load", slow)
    load = asyncio.create_task(near.load(ADA.id))
    await reading.wait()
    await says(inner, (ADA.id,))
    go_on.set()
    assert await load == ADA
    assert near.recall(ADA.id) is None


async def test_a_silent_feed_is_believed_for_as_long_as_the_bound_and_no_longer(near, inner, clock):
    await remember(near, inner)
    clock.advance(near.staleness)
    assert near.recall(ADA.id) == ADA
    clock.advance(0.01)
    assert near.recall(ADA.id) is None
    await says(inner, ())
    assert near.recall(ADA.id) is None, "the answer to a question that was put long ago"
    await says(inner, ())
    assert near.recall(ADA.id) == ADA, "nothing was missed meanwhile"


async def test_a_feed_that_says_nothing_at_all_is_asked_again(near, inner, monkeypatch):
    monkeypatch.setattr(listenings, "SILENCE", BRIEFLY)
    await says(inner, ())
    await until(lambda: inner.begun > 1)


async def test_the_age_of_a_slow_feed_is_that_of_its_last_heartbeat_but_one(near, inner, clock):
    await remember(near, inner)
    clock.advance(1.5)
    await says(inner, ())
    assert near.recall(ADA.id) == ADA
    clock.advance(0.6)
    assert near.recall(ADA.id) is None, "this heartbeat may have been asked for 2.1 seconds ago"


@pytest.mark.parametrize("news", ["ids", "none"])
async def test_ids_are_no_sign_that_nothing_is_missing(near, inner, clock, news):
    await remember(near, inner)
    clock.advance(near.staleness + 0.01)
    await says(inner, *([("of another",)] * 3 if news == "ids" else []))
    assert near.recall(ADA.id) is None


@pytest.mark.parametrize("how", [StoreUnavailable("cut"), ValueError("broken"), None])
async def test_after_a_cut_the_cache_starts_empty(near, inner, how, caplog):
    await remember(near, inner)
    await inner.script.put(how)
    await until(lambda: near.recall(ADA.id) is None)
    assert near.measure().lapses == 1
    await says(inner, (), ())
    assert inner.begun == 2
    assert near.recall(ADA.id) is None
    await near.load(ADA.id)
    assert near.recall(ADA.id) == ADA
    [said] = caplog.records
    assert said.levelname == ("ERROR" if isinstance(how, ValueError) else "WARNING")


async def test_a_cut_that_lasts_is_told_once(near, inner, caplog):
    for _ in range(3):
        await inner.script.put(StoreUnavailable("cut"))
    await until(lambda: inner.begun == 4)
    assert [record.getMessage()[:17] for record in caplog.records] == ["the feed was cut,"]


async def test_a_read_during_a_cut_is_not_remembered(near, inner):
    await remember(near, inner)
    await inner.script.put(StoreUnavailable("cut"))
    await until(lambda: near.recall(ADA.id) is None)
    await near.load(ADA.id)
    await says(inner, ())
    assert near.recall(ADA.id) is None


async def test_a_closed_store_listens_no_more(near, inner):
    await remember(near, inner)
    await near.close()
    assert near.recall(ADA.id) is None
    await near.load(ADA.id)
    await asyncio.sleep(0)
    assert (inner.begun, inner.open) == (1, 0)


def test_a_loop_that_ended_is_replaced_by_the_next(inner, clock):
    near = NearStore(inner, clock=clock)

    async def live():
        inner.script = asyncio.Queue()
        await near.load(ADA.id)
        await says(inner, (), ())
        await near.load(ADA.id)
        return near.recall(ADA.id)

    asyncio.run(inner.create(ADA))
    assert asyncio.run(live()) == ADA
    assert near.recall(ADA.id) is None, "its loop took the feed with it"
    assert asyncio.run(live()) == ADA
    asyncio.run(near.close())
    assert inner.open == 0


def test_a_loop_that_stood_still_has_no_say_once_another_listens(inner, clock):
    near, first, second = NearStore(inner, clock=clock), asyncio.new_event_loop(), asyncio.new_event_loop()
    first.run_until_complete(inner.create(ADA))
    first.run_until_complete(near.load(ADA.id))
    first.run_until_complete(says(inner, ()))
    first.run_until_complete(near.load(ADA.id))
    assert near.recall(ADA.id) == ADA
    old, inner.script = inner.script, asyncio.Queue()
    second.run_until_complete(near.load(ADA.id))
    assert near.recall(ADA.id) is None
    old.put_nowait(())
    first.run_until_complete(asyncio.sleep(BRIEFLY))
    assert near.recall(ADA.id) is None
    assert inner.open == 1
    second.run_until_complete(near.close())
    first.close()
    second.close()


def test_it_can_be_closed_from_another_loop(inner, clock):
    near, ready, gone = NearStore(inner, clock=clock), threading.Event(), threading.Event()

    async def live():
        await near.load(ADA.id)
        await until(lambda: inner.open == 1)
        ready.set()
        await until(lambda: inner.open == 0)
        gone.set()

    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    assert ready.wait(5)
    asyncio.run(near.close())
    assert gone.wait(5)
    thread.join()


@pytest.mark.parametrize("staleness", [3 * HEARTBEAT - 0.01, float("nan"), float("inf")])
def test_a_bound_that_no_feed_can_keep_is_refused(staleness):
    with pytest.raises(ConfigurationError, match="no time for which"):
        NearStore(ScriptedFeed(), staleness=staleness)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_network_does_nothing_older_than_the_bound_is_believed(seed):
    """A pushing engine behind a connection that delays: in order, but for as long as it likes.

    Nothing is ever dropped from the cache here but by the feed; whenever it is believed, what it holds
    was the truth at most `STALENESS` seconds ago.
    """
    chance, clock = random.Random(seed), ManualClock()  # noqa: S311 - chooses a path, guards nothing
    cache = Cache(Limits())
    listening = Listening(
        ScriptedFeed(),
        cache,
        Pushes(clock),
        staleness=STALENESS,
        clock=clock,
        entropy=SeededEntropy(),
    )
    way, asked, arrived_last, changed_at, believed = [], None, 0.0, [clock.now()], 0
    listening._hear(())
    for _ in range(4_000):
        now = clock.advance(0.05)
        delay = chance.choice([0.0, 0.01, 0.2, 3.0]) if chance.random() < 0.3 else 0.01
        if chance.random() < 0.05:  # somebody changes the session
            changed_at.append(now)
            way.append((now + delay, (ADA.id,)))
        if asked is None:
            asked = now + HEARTBEAT / 2
        elif now >= asked:
            way.append((now + delay, ()))  # the engine is asked, and answers behind all it has pushed
            asked = float("inf")
        while way and max(way[0][0], arrived_last) <= now:
            arrived_last, ids = max(way[0][0], arrived_last), way.pop(0)[1]
            listening._hear(ids)
            asked = None if not ids else asked
        if listening.is_current(now):
            found = cache.look(ADA.id, now)
            if found is None:
                cache.finish(ADA.id, cache.begin(ADA.id, now), sample_record(1, rev=len(changed_at)))
            elif found.rev < len(changed_at):
                assert now - changed_at[found.rev] <= STALENESS
            believed += 1
    assert believed > 400
