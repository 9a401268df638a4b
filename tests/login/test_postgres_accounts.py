"""What is PostgreSQL's own about the embedded user table."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import asyncpg
import psycopg
import pytest

from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.login import open_accounts
from coatcheck.login.postgres_accounts import PostgresAccounts
from coatcheck.stores import open_store
from tests.login.test_sql_accounts import NOW, add


@pytest.fixture
def url(postgres):
    return postgres.new_database()


async def test_accounts_share_the_sessions_database_and_outlive_a_restart(url):
    store, first = open_store(url), open_accounts(url)
    ada = await add(first)
    await store.put_row("k", b"v", expected=0, expires_at=NOW)
    await first.close()
    second = PostgresAccounts(url)
    assert await second.by_id(ada.user_id) == ada
    assert (await store.row("k")).value == b"v"
    await second.close()
    await store.close()


async def test_workers_that_start_at_once_make_one_table(url):
    with ThreadPoolExecutor(4) as workers:
        await asyncio.to_thread(list, workers.map(open_accounts, repeat(url, 4)))
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT version FROM coatcheck_accounts_schema").fetchall() == [(1,)]


async def test_they_can_live_in_a_pool_of_the_apps_own(url):
    async with asyncpg.create_pool(url, min_size=0) as pool:
        accounts = PostgresAccounts(pool)
        ada = await add(accounts)
        assert await accounts.by_email(ada.email) == ada
        await accounts.close()
        assert await pool.fetchval("SELECT count(*) FROM coatcheck_accounts") == 1


async def test_a_table_that_is_gone_is_a_fault_of_the_store(url):
    accounts = open_accounts(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE coatcheck_accounts")
    with pytest.raises(StoreUnavailable):
        await accounts.by_id("u")
    await accounts.close()


def test_a_database_of_a_newer_version_is_left_alone(url):
    open_accounts(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO coatcheck_accounts_schema VALUES (2)")
    with pytest.raises(ConfigurationError, match="has version 2"):
        open_accounts(url)
