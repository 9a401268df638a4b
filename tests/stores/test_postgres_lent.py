"""A pool of the app's own: we take one connection for one statement, and leave everything else alone."""

import asyncio
from contextlib import aclosing

import asyncpg
import pytest

from coatcheck.core.change import Change
from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.store import Cap, Ending
from coatcheck.stores import open_store
from coatcheck.stores.postgres import PooledPostgresStore, PostgresStore
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.sample import commit_by, sets


@pytest.fixture
async def pool(emptied):
    async with asyncpg.create_pool(emptied, min_size=1, max_size=4) as pool:
        yield pool


async def use_every_verb(store):
    first, second = sample_record(1, "u-1"), sample_record(2, "u-1", created_at=NOW + 1)
    await store.create(first)
    assert await store.create(second, 0, Cap(1)) == (first.id,)
    saved = await store.save(second.id, commit_by("me", second, a=1))
    await store.touch([(second.id, NOW + 60)])
    assert (await store.load(second.id)).data == saved.data
    assert (await store.bump("u-1")).ids == (await store.user("u-1")).ids == (second.id,)
    assert await store.put_row("k", b"1", expected=0, expires_at=NOW)
    row = await store.row("k")
    assert await store.put_row("k", b"2", expected=row.version, expires_at=NOW)
    assert len(await store.scan_rows("", 10)) == 1
    await store.delete_row("k")
    await store.adopt([sample_record(3, "u-3"), sample_record(4).entomb(Reason.REVOKED, NOW)])
    assert await store.hand_over(sample_record(3).id, 1, NOW)
    assert await store.set_version("u-3", 9, expected=0)
    assert await store.end([Ending(second.id, Reason.LOGGED_OUT, NOW)]) == 1
    assert len(await store.scan("", 10)) == 4
    assert await store.engine_now() > NOW
    assert await store.sweep(NOW - 1, 10) == 0
    assert await store.delete([second.id]) == 1


async def test_every_verb_works_on_it_and_gives_everything_back(pool):
    store = PooledPostgresStore(pool)
    await use_every_verb(store)
    await store.close()
    assert pool.get_idle_size() == pool.get_size()
    assert await pool.fetchval("SELECT count(*) FROM coatcheck_sessions") == 3


async def test_the_tables_are_made_at_the_first_verb(postgres):
    async with asyncpg.create_pool(postgres.new_database(), min_size=0, max_size=4) as pool:
        store = PooledPostgresStore(pool)
        await asyncio.gather(*(store.create(sample_record(seed)) for seed in range(10)))
        assert len(await store.scan("", 20)) == 10


async def test_a_database_that_cannot_be_used_gives_the_connection_back(postgres):
    url = postgres.new_database()
    open_store(url)
    async with asyncpg.create_pool(url, min_size=0, max_size=1) as pool:
        await pool.execute("INSERT INTO coatcheck_schema VALUES (99)")
        store = PooledPostgresStore(pool)
        with pytest.raises(ConfigurationError, match="has version 99"):
            await store.load(sample_record(1).id)
        await pool.execute("DELETE FROM coatcheck_schema WHERE version = 99")
        assert await store.load(sample_record(1).id) is None
        await pool.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        with pytest.raises(StoreUnavailable, match="are gone"):
            await store.load(sample_record(1).id)
        assert await store.load(sample_record(1).id) is None


async def test_the_apps_transactions_are_never_touched(pool):
    store = PooledPostgresStore(pool)
    record = sample_record(1)
    await store.create(record)
    async with pool.acquire() as own:
        transaction = own.transaction()
        await transaction.start()
        await own.execute("CREATE TABLE orders (id integer)")
        saved = await store.save(record.id, Change(data=sets(a=1)))
        await transaction.rollback()
        assert await own.fetchval("SELECT to_regclass('orders')") is None
    assert await store.load(record.id) == saved


async def test_a_fault_gives_the_connection_back_too(pool):
    store = PooledPostgresStore(pool, timeout=0.2)
    await store.create(sample_record(1))
    async with pool.acquire() as own, own.transaction():
        await own.execute("LOCK TABLE coatcheck_sessions")
        with pytest.raises(StoreUnavailable, match="did not answer in time"):
            await store.load(sample_record(1).id)
    assert await store.load(sample_record(1).id) == sample_record(1)
    assert pool.get_idle_size() == pool.get_size()


async def test_a_pool_that_is_used_up_is_an_outage(pool):
    store = PooledPostgresStore(pool, timeout=0.1)
    taken = [await pool.acquire() for _ in range(4)]
    with pytest.raises(StoreUnavailable, match="did not answer in time"):
        await store.load(sample_record(1).id)
    for connection in taken:
        await pool.release(connection)


async def test_no_statement_leaves_anything_on_its_connection(emptied):
    """What a pooler in transaction mode asks for, looked at on the connection itself."""
    kept = """
        SELECT (SELECT count(*) FROM pg_prepared_statements WHERE name <> ''),
               (SELECT count(*) FROM pg_listening_channels()),
               (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
               (SELECT count(*) FROM pg_class WHERE relpersistence = 't'),
               (SELECT array_agg(name || setting ORDER BY name) FROM pg_settings WHERE source = 'session')
    """

    async def leave_be(_connection):
        """Not what asyncpg does: it would tidy up behind us."""

    async with asyncpg.create_pool(
        emptied, min_size=1, max_size=1, statement_cache_size=0, reset=leave_be
    ) as pool:
        before = await pool.fetchrow(kept)
        await use_every_verb(PooledPostgresStore(pool))
        assert await pool.fetchrow(kept) == before
        assert before[:4] == (0, 0, 0, 0)


async def test_the_feed_keeps_a_connection_of_the_pool_while_somebody_listens(pool):
    store = PostgresStore(pool)
    await store.create(sample_record(1))
    async with aclosing(store.feed()) as feed:
        assert await anext(feed) == ()
        assert pool.get_size() - pool.get_idle_size() == 1
        await store.save(sample_record(1).id, Change(data=sets(a=1)))
        while (ids := await anext(feed)) == ():
            pass
        assert ids == (sample_record(1).id,)
    await store.close()
    assert pool.get_idle_size() == pool.get_size()


async def test_the_feed_can_have_a_way_of_its_own(pool, emptied):
    store = PostgresStore(pool, feed_url=emptied)
    async with aclosing(store.feed()) as feed:
        assert await anext(feed) == ()
        assert pool.get_idle_size() == pool.get_size()
    await store.close()
