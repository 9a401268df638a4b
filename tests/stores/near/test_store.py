import pytest

from coatcheck import ConfigurationError
from coatcheck.core.change import Change
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.store import ABSENT, Cached, Cap, Ending, EngineClock, Feed, Rows, Scan
from coatcheck.stores import MemoryStore, NearStore, SqliteStore, open_store
from coatcheck.stores.near import LIMITS
from coatcheck.testing import FailingStore, ManualClock
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.sample import sets
from tests.manager.feeds import ScriptedFeed, Unfed, until

ADA, GRACE = sample_record(1, "u-1"), sample_record(2, "u-1", created_at=NOW + 1)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def feed():
    return ScriptedFeed()


@pytest.fixture
async def near(feed, clock):
    """A store that remembers Ada's session, and whose feed has spoken; what happens here it does not tell."""
    near = NearStore(FailingStore(feed), clock=clock)
    await near.create(ADA)
    await near.load(ADA.id)
    await says(feed, (), ())
    await near.load(ADA.id)
    assert near.recall(ADA.id) == ADA
    yield near
    await near.close()


async def says(feed, *items):
    for item in items:
        await feed.script.put(item)
    await until(lambda: feed.waits and feed.script.empty())


CHANGES = {
    "save": lambda near: near.save(ADA.id, Change(data=sets(a=1))),
    "end": lambda near: near.end([Ending(ADA.id, Reason.REVOKED, NOW)]),
    "delete": lambda near: near.delete([ADA.id]),
    "create": lambda near: near.create(GRACE, 0, Cap(1)),
}


@pytest.mark.parametrize("verb", CHANGES)
async def test_what_changes_here_is_forgotten_here(near, verb):
    await CHANGES[verb](near)
    assert near.recall(ADA.id) is None


@pytest.mark.parametrize("verb", ["save", "end", "delete"])
async def test_a_change_of_which_nobody_knows_whether_it_happened_is_forgotten_too(near, verb):
    near.inner.fail(verb)
    with pytest.raises(StoreUnavailable):
        await CHANGES[verb](near)
    assert near.recall(ADA.id) is None


async def test_a_read_under_way_during_a_change_made_here_inserts_nothing(near, feed, monkeypatch):
    load = near.inner.load

    async def overtaken(id):
        found = await load(id)
        await near.save(ADA.id, Change(data=sets(a=1)))
        return found

    monkeypatch.setattr(near.inner, "load", overtaken)
    assert await near.load(ADA.id) == ADA
    assert near.recall(ADA.id) is None


async def test_a_session_created_here_is_absent_no_more(near):
    await near.load(GRACE.id)
    assert near.recall(GRACE.id) is ABSENT
    await near.create(GRACE)
    assert near.recall(GRACE.id) is None


async def test_a_touch_made_here_is_remembered(near):
    await near.touch([(ADA.id, NOW + 60)])
    assert near.recall(ADA.id) == ADA.touched(NOW + 60) == await near.load(ADA.id)


async def test_a_read_that_fails_leaves_what_is_remembered(near):
    near.inner.fail("load")
    with pytest.raises(StoreUnavailable):
        await near.load(ADA.id)
    assert near.recall(ADA.id) == ADA


async def test_who_follows_its_feed_finds_nothing_outdated_at_what_they_hear(near, feed):
    following = near.feed()
    heard = []
    await feed.script.put((ADA.id,))
    async for ids in following:
        heard.append(ids)
        assert near.recall(ADA.id) is None
        break
    await following.aclose()
    assert heard == [(ADA.id,)]


async def test_its_measures_tell_what_it_was_good_for(near, feed, clock):
    before = near.measure()
    near.recall(ADA.id)
    near.recall(GRACE.id)
    await near.save(ADA.id, Change(data=sets(a=1)))
    clock.advance(0.03)
    await says(feed, (ADA.id, "of another worker"))
    after = near.measure()
    assert (after.hits - before.hits, after.misses - before.misses) == (1, 1)
    assert after.invalidations == 1
    assert 0 < after.hit_ratio < 1
    assert sum(after.pushes) == 1
    assert after.pushes[LIMITS.index(0.05)] == 1
    assert after.pushed_seconds == pytest.approx(0.03)
    assert (after.records, after.absent, after.size) == (0, 0, 0)


async def test_what_took_too_long_or_never_came_back_is_counted_right(near, feed, clock):
    await near.save(ADA.id, Change(data=sets(a=1)))
    near.inner.fail("end")
    with pytest.raises(StoreUnavailable):
        await near.end([Ending(GRACE.id, Reason.REVOKED, NOW)])
    clock.advance(100)
    await says(feed, (GRACE.id,), (ADA.id,))
    assert near.measure().pushes == (*([0] * len(LIMITS)), 1)


async def test_what_was_changed_before_a_cut_is_not_timed_after_it(near, feed, clock):
    await near.save(ADA.id, Change(data=sets(a=1)))
    await feed.script.put(StoreUnavailable("cut"))
    await until(lambda: not near._news.is_current(clock.now()))
    await near.save(ADA.id, Change(data=sets(a=2)))
    await says(feed, (), (ADA.id,))
    assert sum(near.measure().pushes) == 0


async def test_changes_that_are_never_told_take_a_bounded_memory(near):
    for number in range(1_100):
        await near.create(sample_record(number + 10))
    assert len(near._pushes._expected) == 1_000


async def test_where_nothing_is_behind_nothing_is_timed(tmp_path):
    near = NearStore(SqliteStore(tmp_path / "sessions.db"))
    await near.create(ADA)
    assert not near._pushes._expected
    assert near.measure().hit_ratio == 0
    await near.close()


def test_a_store_that_tells_nothing_cannot_be_remembered():
    with pytest.raises(ConfigurationError, match="has no feed"):
        NearStore(Unfed())


def test_it_has_the_skills_of_the_store_behind_it(tmp_path):
    near = NearStore(SqliteStore(tmp_path / "sessions.db"))
    assert isinstance(near, Cached)
    assert isinstance(near, Feed)
    assert isinstance(near, Rows)
    assert isinstance(near, Scan)
    assert not isinstance(near, EngineClock)


def test_a_store_opened_for_an_app_is_near_where_that_saves_something(tmp_path):
    url = f"sqlite:///{tmp_path}/sessions.db"
    assert isinstance(open_store(url, near=True), NearStore)
    assert isinstance(open_store(url), SqliteStore)
    assert isinstance(open_store("memory://", near=True), MemoryStore)
