"""What an operator reads when something about the server is wrong: one line, a remedy, and no password."""

import asyncio
import socket
from contextlib import suppress
from urllib.parse import quote

import asyncpg
import psycopg
import pytest

from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.stores import open_store
from coatcheck.stores.postgres import PostgresStore
from coatcheck.stores.postgres.address import Address
from coatcheck.stores.postgres.faults import fault
from coatcheck.testing.contract import sample_record
from tests.servers.ports import free_port
from tests.servers.postgres import PASSWORD

SECRET = "hunter2"


def complaint(url, kind=StoreUnavailable):
    with pytest.raises(kind) as caught:
        open_store(url)
    text = str(caught.value)
    assert "\n" not in text
    assert not any(secret in text for secret in (SECRET, PASSWORD, quote(PASSWORD)))
    assert caught.value.remedy
    return text


def as_user(postgres, url, user):
    return postgres.url(url.rpartition("/")[2], user=user, password=SECRET)


def test_nothing_listens():
    text = complaint(f"postgresql://app:{SECRET}@127.0.0.1:{free_port()}/app")
    assert "nothing answers at PostgreSQL at 127.0.0.1" in text


def test_there_is_no_such_host():
    assert "there is no host for" in complaint(f"postgresql://app:{SECRET}@no-such-host.invalid/app")


def test_a_wrong_password(postgres):
    text = complaint(postgres.url(password=SECRET), ConfigurationError)
    assert "refuses this user and password" in text
    assert "percent-encode" in text


def test_a_missing_database(postgres):
    assert "createdb" in complaint(postgres.url("nowhere"), ConfigurationError)


def test_a_user_who_may_not_make_tables(postgres):
    url = postgres.new_database()
    postgres.sql(f"CREATE ROLE visitor LOGIN PASSWORD '{SECRET}'")
    assert "GRANT CREATE ON SCHEMA public" in complaint(as_user(postgres, url, "visitor"), ConfigurationError)
    postgres.sql("DROP ROLE visitor")


def test_a_server_that_only_reads(postgres):
    url = postgres.new_database()
    postgres.sql(f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = on")
    text = complaint(url)
    assert "is read-only" in text
    assert "target_session_attrs" in text


def test_a_parameter_that_the_driver_refuses(postgres):
    assert "cannot be used" in complaint(postgres.url() + "?sslmode=maybe", ConfigurationError)


def test_a_server_that_accepts_and_says_nothing():
    async def connect():
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            store = PostgresStore(f"postgresql://app:{SECRET}@127.0.0.1:{port}/app", timeout=0.1)
            with pytest.raises(StoreUnavailable, match="did not answer in time"):
                await store.load(sample_record(1).id)
            await store.close()

    asyncio.run(connect())


async def test_no_connection_is_left(postgres):
    url = postgres.new_database()
    open_store(url)
    postgres.sql(f"CREATE ROLE crowd LOGIN PASSWORD '{SECRET}' CONNECTION LIMIT 1")
    first = await asyncpg.connect(as_user(postgres, url, "crowd"))
    store = PostgresStore(as_user(postgres, url, "crowd"))
    with pytest.raises(StoreUnavailable, match="no connection left"):
        await store.load(sample_record(1).id)
    await first.close()
    await store.close()


async def test_a_statement_that_waits_too_long_says_so_and_the_next_one_works(emptied):
    store = PostgresStore(emptied, timeout=0.3)
    await store.create(sample_record(1))
    with psycopg.connect(emptied) as other:
        other.execute("LOCK TABLE coatcheck_sessions")
        with pytest.raises(StoreUnavailable, match="did not answer in time"):
            await store.load(sample_record(1).id)
    assert await store.load(sample_record(1).id) == sample_record(1)
    await store.close()


async def test_a_connection_that_was_cut_is_an_outage_of_one_verb_at_most(emptied, postgres):
    store = PostgresStore(emptied)
    await store.create(sample_record(1))
    name = emptied.rpartition("/")[2]
    postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    with suppress(StoreUnavailable):  # it may or may not have been noticed by now
        await store.load(sample_record(1).id)
    assert await store.load(sample_record(1).id) == sample_record(1)
    await store.close()


async def test_while_the_server_is_gone_nobody_waits_for_it_in_line():
    store = PostgresStore(f"postgresql://app:{SECRET}@127.0.0.1:{free_port()}/app")
    verbs = (store.load(sample_record(seed).id) for seed in range(100))
    outcomes = await asyncio.wait_for(asyncio.gather(*verbs, return_exceptions=True), 10)
    assert {type(outcome) for outcome in outcomes} == {StoreUnavailable}
    assert {"nothing answers" in str(outcome) for outcome in outcomes} == {True}
    await store.close()


def test_what_is_not_in_the_table_is_told_without_values_of_rows():
    error = asyncpg.UniqueViolationError("duplicate key")
    error.detail = f"Key (id)=({SECRET}) already exists."
    assert SECRET not in str(fault(error, "PostgreSQL at db/app"))
    assert "PostgreSQL at db/app: duplicate key" in str(fault(error, "PostgreSQL at db/app"))


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("postgresql://app:hunter2@db.internal:5433/app", "PostgreSQL at db.internal:5433/app"),
        ("postgres://app:hunter2@[::1]/app?sslmode=require", "PostgreSQL at [::1]/app"),
        ("postgresql://app:hunt%40er2@one:5432,two:5432/app", "PostgreSQL at one:5432,two:5432/app"),
        ("postgresql:///app", "PostgreSQL at localhost/app"),
    ],
)
def test_an_address_shows_where_it_leads_and_hides_the_password(url, where):
    address = Address.parse(url)
    assert address.where == where
    assert address.url == url
    assert "hunt" not in repr(address)
    assert address.feed_url is None


def test_the_way_of_the_feed_is_no_affair_of_the_driver():
    url = "postgresql://app@pooler/app?sslmode=require&feed_url=postgresql%3A%2F%2Fapp%40direct%2Fapp"
    address = Address.parse(url)
    assert address.url == "postgresql://app@pooler/app?sslmode=require"
    assert address.feed_url == "postgresql://app@direct/app"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "postgresql://app:hunt/er2@db/app",
            "postgresql://app:hunt?er2@db/app",
            "postgresql://app:hunt#er2@db/app",
        ),
        *("postgresql://[::1/app", "mysql://app:hunter2@db/app"),
    ],
)
def test_a_url_that_cannot_be_read_is_refused_and_not_repeated(url):
    with pytest.raises(ConfigurationError, match="percent-encoded") as caught:
        Address.parse(url)
    assert "er2" not in str(caught.value)


def test_a_missing_driver_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "coatcheck.stores.postgres", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'coatcheck\[postgres\]'"):
        open_store("postgresql://db/app")
