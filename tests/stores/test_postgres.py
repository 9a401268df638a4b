"""What is PostgreSQL's own, beside what the contract asks of every store."""

import asyncio
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import repeat

import asyncpg
import msgspec
import pytest

from coatcheck.core.change import Change, DataChange
from coatcheck.core.errors import ConfigurationError, CorruptRecord, DataNotSerializable, StoreUnavailable
from coatcheck.core.store import Cap
from coatcheck.stores import open_store
from coatcheck.stores.postgres import PooledPostgresStore, PostgresStore, pool
from coatcheck.stores.postgres.schema import SESSIONS, Schema, migrate
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.sample import sets

# Newer Pythons warn of a fork beside other threads: the very thing that a test here is about.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
NEWEST = len(SESSIONS.scripts)
PATIENCE = 60.0  # seconds: many verbs at once on a busy machine


@pytest.fixture
def url(postgres):
    return postgres.new_database()


@pytest.fixture
async def store(emptied):
    store = PostgresStore(emptied)
    yield store
    await store.close()


@asynccontextmanager
async def operator(url):
    """A connection of somebody else."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


def number(found):
    return msgspec.json.decode(found.data)["n"]


async def test_ten_workers_that_start_at_once_make_the_tables_once(url):
    with ThreadPoolExecutor(10) as workers:
        stores = await asyncio.to_thread(list, workers.map(open_store, repeat(url, 10)))
    assert {type(store) for store in stores} == {PostgresStore}
    async with operator(url) as connection:
        assert await connection.fetch("SELECT max(version) FROM coatcheck_schema") == [(NEWEST,)]


async def test_a_database_of_a_newer_library_is_refused_and_left_as_it_is(url):
    open_store(url)
    async with operator(url) as connection:
        await connection.execute(f"INSERT INTO coatcheck_schema VALUES ({NEWEST + 1})")
        with pytest.raises(
            ConfigurationError, match=rf"version {NEWEST + 1}, .* knows {NEWEST}\. Install the newer"
        ):
            await asyncio.to_thread(open_store, url)
        assert await connection.fetchval("SELECT count(*) FROM coatcheck_schema") == NEWEST + 1


async def test_a_migration_that_fails_leaves_nothing(url):
    broken = Schema(
        table="coatcheck_test", scripts=("CREATE TABLE made (a integer)", "CREATE TABLE made (a text)")
    )
    async with operator(url) as connection:
        with pytest.raises(asyncpg.DuplicateTableError):
            await migrate(connection, broken)
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert await connection.fetchval(tables) == 0


async def test_an_older_database_becomes_a_newer_one(url):
    first, second = "CREATE TABLE made (a integer)", "ALTER TABLE made ADD b integer"
    async with operator(url) as connection:
        for scripts in ((first,), (first, second), (first, second)):
            await migrate(connection, Schema(table="coatcheck_test", scripts=scripts))
        assert await connection.fetch("SELECT a, b FROM made") == []


async def test_tables_that_are_gone_are_made_anew_by_the_next_request(url):
    store = PostgresStore(url)
    await store.create(sample_record(1))
    async with operator(url) as connection:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    with pytest.raises(StoreUnavailable, match=r"the tables of .* are gone"):
        await store.load(sample_record(1).id)
    assert await store.load(sample_record(1).id) is None
    await store.create(sample_record(1))
    await store.close()


async def test_a_stricter_isolation_of_the_database_loses_nothing_either(url):
    open_store(url)
    async with operator(url) as connection:
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = serializable")
    store = PostgresStore(url)
    record = sample_record(1, "u-1", data=b'{"n":0}')
    await store.create(record)
    step = Change(data=DataChange(increments={"n": 1}))
    await asyncio.gather(*(store.save(record.id, step) for _ in range(20)))
    assert number(await store.load(record.id)) == 20
    signing_in = (store.create(sample_record(f"s {n}", "u-1"), 0, Cap(3)) for n in range(10))
    await asyncio.gather(*signing_in)
    assert len((await store.user("u-1")).ids) == 3
    await store.close()


@pytest.mark.parametrize(
    ("stored", "step", "total"),
    [
        (b"41", 1, 42),
        (b"9007199254740993", 1, 9007199254740994),  # exactly, beyond what a double holds
        (b"0.1", 0.2, 0.1 + 0.2),
        (b"1", 0.5, 1.5),
        (b"1.5", 1, 2.5),
        (b"1e300", 1.0, 1e300),
        (b"2.5", -0.5, 2.0),
        (b'"text"', 2, 2),
        (b"true", 2, 2),
        (b"null", -1, -1),
    ],
)
async def test_the_database_adds_as_python_does(store, stored, step, total):
    await store.create(sample_record(1, data=b'{"n":' + stored + b"}"))
    found = number(await store.save(sample_record(1).id, Change(data=DataChange(increments={"n": step}))))
    assert found == total
    assert type(found) is type(total)


async def test_a_sum_that_is_no_number_is_refused_and_nothing_is_stored(store):
    record = sample_record(1, data=b'{"n":1.7e308}')
    await store.create(record)
    with pytest.raises(DataNotSerializable, match="no finite number"):
        await store.save(record.id, Change(data=DataChange(increments={"n": 1.7e308}), seen_at=NOW + 1))
    assert await store.load(record.id) == record


async def test_keys_keep_their_order(store):
    await store.create(sample_record(1, data=b'{"b":1,"a":2,"c":3}'))
    change = DataChange(sets=sets(d=4, b=5).sets, deletes=frozenset("a"), increments={"c": 1, "e": 1})
    saved = await store.save(sample_record(1).id, Change(data=change))
    assert saved.data == b'{"b":5,"c":4,"d":4,"e":1}'


async def test_a_batch_that_names_a_session_twice_judges_each_touch_by_the_one_before(store):
    record = sample_record(1)
    await store.create(record)
    beyond = record.expires_at + 100  # alive then only because of the touch before
    await store.touch([(record.id, NOW + 600), (record.id, beyond), (record.id, NOW + 700)])
    found = await store.load(record.id)
    assert (found.last_seen_at, found.rev) == (beyond, record.rev + 2)


async def test_a_sweep_passes_over_what_somebody_holds(store, emptied):
    for seed in range(3):
        await store.create(sample_record(seed, last_seen_at=NOW - 5_000))
    async with operator(emptied) as connection, connection.transaction():
        held = "SELECT 1 FROM coatcheck_sessions WHERE id = $1 FOR UPDATE"
        await connection.execute(held, sample_record(1).id)
        assert await store.sweep(NOW, 10) == 2
    assert await store.sweep(NOW, 10) == 1


async def test_no_deadline_can_be_nan_or_endless(store, emptied):
    await store.create(sample_record(1))
    async with operator(emptied) as connection:
        for deadline in ("NaN", "Infinity"):
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute(
                    f"UPDATE coatcheck_sessions SET absolute_at = '{deadline}', idle = '{deadline}'"
                )


async def test_a_tombstone_with_a_reason_of_nobodys_is_not_believed(store, emptied):
    await store.create(sample_record(1))
    async with operator(emptied) as connection:
        await connection.execute(
            "SELECT coatcheck_end($1, ARRAY['bored'], ARRAY[1.0])", [sample_record(1).id]
        )
    with pytest.raises(CorruptRecord, match="unknown reason"):
        await store.load(sample_record(1).id)


async def test_the_servers_clock_can_be_asked(store):
    assert abs(await store.engine_now() - time.time()) < 60


def test_a_store_serves_one_event_loop_after_the_other(emptied):
    store = PostgresStore(emptied)

    async def create(seed):
        await store.create(sample_record(seed))
        await store._connections._source._pools.get().close(1)

    for seed in range(3):
        asyncio.run(create(seed))

    async def scan():
        found = await store.scan("", 10)
        await store.close()
        return found

    assert len(asyncio.run(scan())) == 3


FORKING = """
import asyncio, os, sys
from coatcheck.stores import open_store
from coatcheck.testing.contract import sample_record

async def create():
    await store.create(sample_record(1))
    await store.close()

async def count():
    found = await store.scan("", 10)
    await store.close()
    return len(found)

store = open_store(sys.argv[1])
if child := os.fork():
    assert os.waitpid(child, 0)[1] == 0
    assert asyncio.run(count()) == 1
else:
    asyncio.run(create())
"""


def test_a_store_that_was_opened_before_a_fork_works_after_it(emptied):
    """In a process of its own: what the tests before it left running is no part of this."""
    done = subprocess.run(
        [sys.executable, "-c", FORKING, emptied], check=False, timeout=60, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


async def test_a_closed_store_says_so(store):
    await store.create(sample_record(1))
    await store.close()
    with pytest.raises(StoreUnavailable, match="the store is closed"):
        await store.load(sample_record(1).id)
    await store.close()


async def test_a_store_that_closes_finishes_what_is_under_way(store):
    await store.create(sample_record(1))
    verbs = [asyncio.create_task(store.save(sample_record(1).id, Change(data=sets(a=n)))) for n in range(5)]
    await asyncio.sleep(0)  # each has its connection, or is about to
    await store.close()
    outcomes = await asyncio.gather(*verbs, return_exceptions=True)
    assert all(outcome.data or "closed" in str(outcome) for outcome in outcomes)


async def test_a_connection_that_was_idle_for_long_is_not_trusted(store, monkeypatch):
    await store.create(sample_record(1))
    first = store._connections._source._pools.get()._idle[0][0]
    monkeypatch.setattr(pool, "MOST_IDLE_SECONDS", -1.0)
    assert await store.load(sample_record(1).id) == sample_record(1)
    assert first.is_closed()


async def test_what_happened_to_one_connection_is_taken_to_have_happened_to_all(store):
    await asyncio.gather(*(store.create(sample_record(seed)) for seed in range(5)))
    idle = [connection for connection, _ in store._connections._source._pools.get()._idle]
    assert len(idle) > 1
    process = idle[-1].get_server_pid()
    with pytest.raises(StoreUnavailable):
        await store._fetch("SELECT pg_terminate_backend($1)", process)
    assert all(connection.is_closed() for connection in idle)
    assert await store.load(sample_record(1).id) == sample_record(1)


async def test_more_verbs_than_connections_wait_their_turn(emptied):
    store = PooledPostgresStore(emptied, timeout=PATIENCE)
    await asyncio.gather(*(store.create(sample_record(seed)) for seed in range(100)))
    async with operator(emptied) as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> $1"
        assert await connection.fetchval(others, connection.get_server_pid()) <= 10
    await store.close()


async def test_a_cancelled_verb_leaves_a_store_that_works(store):
    await store.create(sample_record(1))
    verb = asyncio.create_task(store.save(sample_record(1).id, Change(data=sets(a=1))))
    await asyncio.sleep(0)
    verb.cancel()
    with pytest.raises(asyncio.CancelledError):
        await verb
    assert await store.load(sample_record(1).id) is not None
