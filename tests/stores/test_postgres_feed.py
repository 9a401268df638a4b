"""The feed over LISTEN and NOTIFY: what travels, and how its end is noticed."""

import asyncio
import os
import signal
from contextlib import aclosing, asynccontextmanager

import asyncpg
import pytest

from coatcheck.core.change import Change
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.store import Cap, Ending
from coatcheck.stores.postgres import PostgresStore
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.sample import sets
from tests.servers.postgres import running_postgres

LISTENER = "SELECT pid FROM pg_stat_activity WHERE query IN ('SELECT 1', 'LISTEN \"coatcheck\"')"
PATIENCE = 30.0  # seconds


@pytest.fixture
async def store(emptied):
    store = PostgresStore(emptied)
    yield store
    await store.close()


@asynccontextmanager
async def eavesdropping(url):
    """Collect every notification that the server sends, as it is on the wire."""
    heard = []
    connection = await asyncpg.connect(url)
    await connection.add_listener("coatcheck", lambda *told: heard.append(told[-1]))
    try:
        yield heard, connection
    finally:
        await connection.close()


async def until_cut(feed):
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(StoreUnavailable) as caught:
            async for _ in feed:
                pass
    return str(caught.value)


async def next_ids(feed):
    async with asyncio.timeout(PATIENCE):
        while not (ids := await anext(feed)):
            pass
        return ids


async def test_a_touch_a_read_a_sweep_and_a_small_row_notify_nobody(store, emptied):
    record = sample_record(1, "u-1")
    await store.create(record)
    async with eavesdropping(emptied) as (heard, connection):
        await store.touch([(record.id, NOW + 60)])
        await store.load(record.id)
        await store.user("u-1")
        await store.put_row("k", b"v", expected=0, expires_at=NOW)
        await store.sweep(NOW + 1, 10)
        await connection.fetchval("SELECT 1")  # behind whatever was sent before
        assert heard == []
        await store.save(record.id, Change(data=sets(a=1)))
        await connection.fetchval("SELECT 1")
        assert heard == [record.id]


async def test_a_change_is_told_once_and_an_eviction_with_it(store, emptied):
    first, second = sample_record(1, "u-1"), sample_record(2, "u-1", created_at=NOW + 1)
    async with eavesdropping(emptied) as (heard, connection):
        await store.create(first, 0, Cap(1))
        await store.create(second, 0, Cap(1))
        await connection.fetchval("SELECT 1")
    assert sorted(heard) == sorted([first.id, first.id, second.id])


async def test_a_thousand_ends_at_once_fit_into_a_few_notifications(store, emptied):
    endings = [Ending(sample_record(seed).id, Reason.REVOKED, NOW) for seed in range(1_000)]
    async with eavesdropping(emptied) as (heard, connection):
        await store.end(endings)
        await connection.fetchval("SELECT 1")
    assert len(heard) <= 6
    assert {id for told in heard for id in told.split(" ")} == {ending.id for ending in endings}


async def test_a_connection_that_is_cut_ends_the_feed_and_another_is_had_at_once(store, postgres):
    feed = store.feed()
    assert await anext(feed) == ()
    postgres.sql(f"SELECT pg_terminate_backend(pid) FROM ({LISTENER}) AS listener")
    assert "store" not in await until_cut(feed)
    again = store.feed()
    assert await anext(again) == ()
    await store.create(sample_record(1))
    assert await next_ids(again) == (sample_record(1).id,)
    await again.aclose()


async def test_a_server_that_hangs_sends_no_heartbeats(store, postgres):
    feed = store.feed()
    assert await anext(feed) == ()
    process = int(postgres.sql(LISTENER))
    os.kill(process, signal.SIGSTOP)
    try:
        fault = await until_cut(feed)
    finally:
        os.kill(process, signal.SIGCONT)
    assert "did not answer in time" in fault


async def test_one_connection_serves_all_who_listen_and_goes_with_the_last(store, postgres):
    count = f"SELECT count(*) FROM ({LISTENER}) AS listener"
    async with aclosing(store.feed()) as first, aclosing(store.feed()) as second:
        assert [await anext(first), await anext(second)] == [(), ()]
        assert postgres.sql(count) == "1"
    async with asyncio.timeout(PATIENCE):
        while await asyncio.to_thread(postgres.sql, count) != "0":  # noqa: ASYNC110 - another process decides
            await asyncio.sleep(0.05)
    async with aclosing(store.feed()) as third:
        assert await anext(third) == ()


async def test_a_feed_that_cannot_begin_says_why(emptied):
    store = PostgresStore(f"{emptied}?feed_url=postgresql%3A//x%3Ahidden%40127.0.0.1%3A1/app")
    with pytest.raises(
        StoreUnavailable, match=r"nothing answers at PostgreSQL at 127\.0\.0\.1:1/app"
    ) as caught:
        await anext(store.feed())
    assert "hidden" not in str(caught.value)
    assert await store.load(sample_record(1).id) is None  # the rest goes on
    await store.close()


def test_a_restart_of_the_server_is_survived_without_one_of_ours():
    async def through_a_restart(server):
        store = PostgresStore(server.new_database())
        await store.create(sample_record(1))
        feed = store.feed()
        assert await anext(feed) == ()
        await asyncio.to_thread(server.restart)
        await until_cut(feed)
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    assert await store.load(sample_record(1).id) == sample_record(1)
                    break
                except StoreUnavailable:
                    await asyncio.sleep(0.05)
        again = store.feed()
        assert await anext(again) == ()
        await again.aclose()
        await store.close()

    with running_postgres() as server:
        asyncio.run(through_a_restart(server))
