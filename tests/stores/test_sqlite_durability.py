"""What a SQLite file survives: kill -9, ten processes at once, older and newer libraries."""

import asyncio
import multiprocessing
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing

import msgspec
import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.record import Record, Tombstone
from coatcheck.stores import SqliteStore
from coatcheck.stores.sqlite import schema
from coatcheck.testing.contract import sample_record

KILLS = 5
OPENERS = 10

# Several writers at once, so that commits hold several verbs; each says what was acknowledged.
WRITER = """
import asyncio, sys
from coatcheck.core.change import Change
from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending
from coatcheck.stores import SqliteStore
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.sample import sets

async def work(store, run, writer):
    for turn in range(100_000):
        seed = f"{run} {writer} {turn}"
        record = sample_record(seed, f"u-{writer}")
        await store.create(record)
        print("created", seed, flush=True)
        await store.save(record.id, Change(data=sets(seed=seed)))
        print("saved", seed, flush=True)
        if turn % 2:
            await store.end([Ending(record.id, Reason.LOGGED_OUT, NOW)])
            print("ended", seed, flush=True)

async def main():
    store = SqliteStore(sys.argv[1])
    await asyncio.gather(*(work(store, sys.argv[2], writer) for writer in range(8)))

asyncio.run(main())
"""


def kill_in_the_middle(path, run, lines):
    """Let a process write until it has acknowledged so much, kill it, return all it acknowledged."""
    command = [sys.executable, "-c", WRITER, str(path), str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        acknowledged = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        rest = process.stdout.read()
    # What was cut off in the middle of its line was not read by anybody.
    return [line.strip() for line in [*acknowledged, *rest.splitlines(keepends=True)] if line.endswith("\n")]


async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    path = tmp_path / "sessions.db"
    done = {}
    for run in range(KILLS):
        for line in await asyncio.to_thread(kill_in_the_middle, path, run, 100 + 37 * run):
            verb, seed = line.split(" ", 1)
            done.setdefault(seed, set()).add(verb)
        store = SqliteStore(path)
        for seed, verbs in done.items():
            found = await store.load(sample_record(seed).id)
            assert isinstance(found, Record | Tombstone), f"{seed} was {verbs} and is gone"
            if "ended" in verbs:
                assert isinstance(found, Tombstone)
            elif "saved" in verbs and isinstance(found, Record):
                assert msgspec.json.decode(found.data) == {"seed": seed}
        await store.close()
    assert len(done) > 100
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def open_and_create(path, seed):
    async def run():
        store = SqliteStore(path)
        await store.create(sample_record(seed))
        await store.close()

    asyncio.run(run())


async def test_ten_processes_open_a_new_file_at_once(tmp_path):
    path = tmp_path / "sessions.db"
    loop, context = asyncio.get_running_loop(), multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(OPENERS, context) as pool:
        opened = (loop.run_in_executor(pool, open_and_create, path, seed) for seed in range(OPENERS))
        await asyncio.gather(*opened)
    store = SqliteStore(path)
    assert len(await store.scan("", OPENERS + 1)) == OPENERS
    await store.close()


async def test_ten_threads_open_a_new_file_at_once(tmp_path):
    path = tmp_path / "sessions.db"
    await asyncio.gather(*(asyncio.to_thread(open_and_create, path, seed) for seed in range(OPENERS)))
    store = SqliteStore(path)
    assert len(await store.scan("", OPENERS + 1)) == OPENERS
    await store.close()


async def test_an_older_file_is_brought_forward_with_its_sessions(tmp_path, monkeypatch):
    path, record = tmp_path / "sessions.db", sample_record(1, "u-1")
    await asyncio.to_thread(open_and_create, path, 1)
    newer = (*schema.MIGRATIONS, ("ALTER TABLE coatcheck_sessions ADD COLUMN note TEXT",))
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    store = SqliteStore(path)
    assert await store.load(record.id) == sample_record(1)
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT max(version) FROM coatcheck_schema").fetchone() == (len(newer),)
        assert connection.execute("SELECT note FROM coatcheck_sessions").fetchone() == (None,)


async def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "sessions.db"
    await asyncio.to_thread(open_and_create, path, 1)
    with monkeypatch.context() as patch:
        broken = ("ALTER TABLE coatcheck_sessions ADD COLUMN note TEXT", "NOT A STATEMENT")
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(Exception, match="syntax error"):
            SqliteStore(path).check()
    store = SqliteStore(path)
    assert await store.load(sample_record(1).id) == sample_record(1)
    await store.close()


async def test_a_file_of_a_newer_library_is_left_alone(tmp_path):
    path = tmp_path / "sessions.db"
    SqliteStore(path).check()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO coatcheck_schema (version) VALUES (99)")
    with pytest.raises(ConfigurationError, match=r"schema version 99.*Install the newer version"):
        await SqliteStore(path).load(sample_record(1).id)


async def test_the_file_may_belong_to_somebody_else_too(tmp_path):
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 42")
        connection.execute("CREATE TABLE users (id, version)")
        connection.execute("CREATE TABLE sessions (id)")
    await asyncio.to_thread(open_and_create, path, 1)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (42,)


async def test_only_the_owner_may_read_the_files(tmp_path):
    store = SqliteStore(tmp_path / "sessions.db")
    await store.create(sample_record(1))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    await store.close()
    assert modes == dict.fromkeys(("sessions.db", "sessions.db-wal", "sessions.db-shm"), 0o600)
