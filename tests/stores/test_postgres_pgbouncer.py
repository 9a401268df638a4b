"""Behind a real PgBouncer in transaction mode, where one can be had."""

import asyncio
from urllib.parse import quote

import pytest

from coatcheck.core.change import Change, DataChange
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import Feed
from coatcheck.stores import open_store
from coatcheck.stores.postgres import PooledPostgresStore, PostgresStore
from coatcheck.testing.contract import sample_record
from tests.servers.pgbouncer import is_installed, running_pgbouncer
from tests.stores.test_postgres_lent import use_every_verb

pytestmark = pytest.mark.skipif(not is_installed(), reason="needs PgBouncer: apt-get install pgbouncer")


@pytest.fixture(scope="module")
def bouncer(postgres):
    with running_pgbouncer(postgres) as port:
        yield port


@pytest.fixture
def pooled(emptied, postgres, bouncer):
    return emptied.replace(f":{postgres.port}/", f":{bouncer}/")


async def test_every_verb_works_and_nothing_has_to_be_configured(pooled):
    store = open_store(pooled)
    assert type(store) is PooledPostgresStore
    assert not isinstance(store, Feed)
    await use_every_verb(store)
    await store.close()


async def test_many_share_two_connections_and_lose_nothing(pooled):
    stores = [PooledPostgresStore(pooled, timeout=60) for _ in range(4)]
    record = sample_record(1, data=b'{"n":0}')
    await stores[0].create(record)
    step = Change(data=DataChange(increments={"n": 1}))
    await asyncio.gather(*(store.save(record.id, step) for store in stores for _ in range(10)))
    assert (await stores[0].load(record.id)).data == b'{"n":40}'
    for store in stores:
        await store.close()


async def test_with_a_direct_way_beside_it_there_is_a_feed(pooled, emptied):
    store = open_store(f"{pooled}?feed_url={quote(emptied)}")
    assert isinstance(store, Feed)
    feed = store.feed()
    assert await anext(feed) == ()
    await store.create(sample_record(1))
    while (ids := await anext(feed)) == ():
        pass
    assert ids == (sample_record(1).id,)
    await feed.aclose()
    await store.close()


async def test_a_feed_through_the_pooler_is_refused_for_it_would_be_silent(pooled):
    store = PostgresStore(pooled)
    with pytest.raises(StoreUnavailable, match=r"a pooler stands in front of .* feed_url"):
        await anext(store.feed())
    await store.close()
