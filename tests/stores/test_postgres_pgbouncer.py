"""Behind a real PgBouncer in transaction mode, where one can be had."""

from urllib.parse import quote

import pytest

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import Feed
from coatcheck.stores import open_store
from coatcheck.stores.postgres import PostgresStore
from coatcheck.testing.contract import sample_record
from tests.servers.pgbouncer import is_installed, running_pgbouncer

pytestmark = pytest.mark.skipif(not is_installed(), reason="needs PgBouncer: apt-get install pgbouncer")


@pytest.fixture(scope="module")
def bouncer(postgres):
    with running_pgbouncer(postgres) as port:
        yield port


@pytest.fixture
def pooled(emptied, postgres, bouncer):
    return emptied.replace(f":{postgres.port}/", f":{bouncer}/")


async def test_every_verb_works_and_nothing_has_to_be_configured(pooled):
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
