"""The overview in Redis: buckets that are asked for their share, and indexes that follow what happens."""

import msgspec
import pytest

from coatcheck.core.overview import NEWEST, Place, Sought
from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending
from coatcheck.stores.redis import RedisStore
from coatcheck.testing.contract import NOW, sample_record

ALIVE = Sought(NOW)


@pytest.fixture
async def store(redis_8):
    redis_8.empty()
    store = RedisStore(redis_8.url)
    yield store
    await store.close()


async def walked(store, limit, sought=ALIVE):
    """Return the ids on all pages."""
    shown, place = [], NEWEST
    while place is not None:
        page = await store.newest(sought, place, limit)
        shown += [record.id for record in page.records]
        place = page.rest
    return shown


async def test_many_that_began_at_one_moment_in_one_bucket_are_all_shown(store):
    records = [msgspec.structs.replace(sample_record(n), id=f"ab{n:030x}") for n in range(60)]
    for record in records:
        await store.create(record)
    assert await walked(store, 7) == sorted((record.id for record in records), reverse=True)


async def test_one_bucket_that_has_all_the_newest_hides_none_of_the_others(store):
    crowded = [
        msgspec.structs.replace(sample_record(n), id=f"ab{n:030x}", created_at=NOW + n) for n in range(30)
    ]
    others = [sample_record(f"other {n}", created_at=NOW + 10 + n / 8) for n in range(20)]
    for record in (*crowded, *others):
        await store.create(record)
    expected = sorted((*crowded, *others), key=Place.of, reverse=True)
    assert await walked(store, 50) == [record.id for record in expected]


async def test_a_search_walks_past_what_is_not_wanted(store, monkeypatch):
    monkeypatch.setattr("coatcheck.stores.redis.overview.LOOKED_AT", 10)
    for n in range(25):
        await store.create(sample_record(n, f"user {n}", created_at=NOW + n))
    page = await store.newest(Sought(NOW, "user 3"), NEWEST, 5)
    assert page.records == ()
    assert page.rest == Place(NOW + 15, sample_record(15).id)
    assert await walked(store, 5, Sought(NOW, "user 3")) == [sample_record(3).id]


async def test_what_ends_or_is_swept_leaves_the_index(store, redis_8):
    ended, swept, taken_back = (sample_record(n) for n in range(3))
    for record in (ended, swept, taken_back):
        await store.create(record)
    await store.end([Ending(ended.id, Reason.REVOKED, NOW)])
    await store._sessions.withdraw(taken_back)
    assert await store.sweep(NOW + 100_000, 10) == 2
    assert [name for name in redis_8.command("KEYS", "*") if name.endswith(b".newest")] == []


async def test_what_comes_from_another_store_is_in_the_index_and_what_ended_there_is_not(store):
    living, ended = sample_record(1), sample_record(2)
    await store.create(ended)
    await store.adopt([living, ended.entomb(Reason.REVOKED, NOW)])
    assert await walked(store, 5) == [living.id]


async def test_a_session_that_redis_dropped_itself_is_passed_over(store, redis_8):
    kept, dropped = sample_record(1), sample_record(2)
    for record in (kept, dropped):
        await store.create(record)
    redis_8.command("DEL", store._keys.session(dropped.id))
    assert await walked(store, 5) == [kept.id]
