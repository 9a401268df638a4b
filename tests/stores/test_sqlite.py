"""What only the SQLite store promises; the rest is the contract's."""

import asyncio
import os
import sqlite3
import threading
from contextlib import closing

import pytest

from coatcheck.core.change import Change
from coatcheck.core.errors import (
    ConfigurationError,
    CorruptRecord,
    SessionExists,
    StaleUser,
    StoreUnavailable,
)
from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending
from coatcheck.stores import SqliteStore
from coatcheck.stores.sqlite import connect
from coatcheck.stores.sqlite.writer import Writer
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.sample import sets

# Newer Pythons warn of a fork beside other threads: the very thing that some tests here are about.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sessions.db"


@pytest.fixture
async def store(path):
    store = SqliteStore(path)
    yield store
    await store.close()


async def test_nothing_is_made_before_the_first_verb(store, path):
    assert not path.exists()
    assert await store.load("0" * 32) is None
    assert path.exists()


async def test_what_ended_is_wiped_from_the_file(store, path):
    record = sample_record(1, "u-1")
    await store.create(record)
    await store.save(record.id, Change(data=sets(secret="xyzzy" * 50)))
    assert b"xyzzy" in path.with_name("sessions.db-wal").read_bytes()
    await store.end([Ending(record.id, Reason.LOGGED_OUT, NOW)])
    await store.close()  # the log is folded into the file, and goes
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    held = path.read_bytes()
    gone = (b"xyzzy", b"ada@example.test", b"192.0.2.7", record.chain.digest, record.csrf_key)
    assert not [piece for piece in gone if piece in held]
    assert record.chain.family_digest in held


async def test_of_verbs_of_one_moment_each_fails_alone(store):
    records = [sample_record(seed, "u-1") for seed in range(10)]
    await store.bump("u-1")
    versions = [seed % 2 for seed in range(10)]  # every other one is old
    creates = (store.create(record, version) for record, version in zip(records, versions, strict=True))
    outcomes = await asyncio.gather(*creates, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StaleUser, tuple] * 5
    assert set((await store.user("u-1")).ids) == {record.id for record in records[1::2]}


async def test_a_verb_that_fails_halfway_leaves_nothing_and_its_neighbours_alone(store):
    first, second = sample_record(1), sample_record(2)
    await store.create(first)
    halfway = store.touch([(first.id, NOW + 5), (object(), NOW + 5)])
    refused, created = await asyncio.gather(halfway, store.create(second), return_exceptions=True)
    assert isinstance(refused, StoreUnavailable)
    assert created == ()
    assert await store.load(first.id) == first
    assert await store.load(second.id) == second


async def test_a_commit_waits_for_the_disk(store):
    # No test pulls the plug: what survives it is SQLite's promise for this setting (2 is FULL).
    await store.load("0" * 32)
    ask = "PRAGMA synchronous"
    assert await store._writer.write(lambda connection: connection.execute(ask).fetchone()) == (2,)


async def test_a_write_counts_when_nobody_waits_for_it_any_more(store):
    record = sample_record(1)
    await store.load(record.id)
    waiting = asyncio.create_task(store.create(record))
    await asyncio.sleep(0)
    waiting.cancel()
    await store.touch([])  # the queue is in order: what came before is written
    assert waiting.cancelled()
    assert await store.load(record.id) == record


async def test_close_writes_what_was_accepted_and_takes_no_more(path):
    store = SqliteStore(path)
    records = [sample_record(seed) for seed in range(50)]
    await store.load(records[0].id)
    creating = [asyncio.create_task(store.create(record)) for record in records]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*creating) == [()] * 50
    for verb in (store.load(records[0].id), store.touch([])):
        with pytest.raises(StoreUnavailable, match="closed"):
            await verb
    await store.close()
    assert not [t for t in threading.enumerate() if t.name == "coatcheck-sqlite-writer" and t.is_alive()]


async def test_close_waits_for_whoever_reads_aside_and_lets_nobody_begin(path):
    store = SqliteStore(path)
    begun, go_on = threading.Event(), threading.Event()

    def slowly(connection):
        begun.set()
        assert go_on.wait(10)
        return connection.execute("SELECT 1").fetchone()

    reading = asyncio.create_task(store._read_aside(slowly))
    await asyncio.to_thread(begun.wait, 10)
    reading.cancel()  # whoever asked has gone; the thread reads on
    closing_ = asyncio.create_task(store.close())
    finished, _ = await asyncio.wait([closing_], timeout=0.05)
    assert not finished
    go_on.set()
    await closing_
    with pytest.raises(StoreUnavailable, match="closed"), store._readers.aside():
        pass


async def test_a_store_that_was_never_used_can_be_closed(path):
    await SqliteStore(path).close()
    assert not path.exists()


async def test_several_event_loops_share_one_store(store):
    def elsewhere(seed):
        async def work():
            await store.create(sample_record(seed))
            return await store.load(sample_record(seed).id)

        return asyncio.run(work())

    found = await asyncio.gather(*(asyncio.to_thread(elsewhere, seed) for seed in range(8)))
    assert found == [sample_record(seed) for seed in range(8)]


async def test_a_loop_that_is_gone_does_not_stop_the_writer(store):
    await store.load("0" * 32)
    may_commit = threading.Event()

    def leave_before_the_commit():
        async def work():
            held = asyncio.create_task(store._writer.write(lambda _: may_commit.wait()))
            await asyncio.sleep(0)
            held.cancel()

        asyncio.run(work())

    await asyncio.to_thread(leave_before_the_commit)
    may_commit.set()
    assert await store.create(sample_record(1)) == ()


async def test_a_writer_elsewhere_is_waited_for_and_then_named(store, path, monkeypatch):
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.2)
    record = sample_record(1)
    await store.create(record)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.save(record.id, Change(data=sets(a=1))))
        assert await store.load(record.id) == record  # a reader never waits
        with pytest.raises(StoreUnavailable, match="locked by another process"):
            await writing
        other.execute("ROLLBACK")
    assert await store.save(record.id, Change(data=sets(a=1))) is not None  # and then it goes on


async def test_the_event_loop_runs_on_while_a_write_waits(store, path, monkeypatch):
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.2)
    record = sample_record(1)
    await store.create(record)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.touch([(record.id, NOW + 5)]))
        turns = 0
        while not writing.done() and turns < 20:
            await asyncio.sleep(0.001)
            turns += 1
        assert turns == 20
        other.execute("ROLLBACK")
    await writing


async def test_a_file_that_is_removed_takes_no_writes_until_it_is_back(store, path):
    record = sample_record(1)
    await store.create(record)
    path.rename(path.with_name("elsewhere.db"))
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="was removed or replaced while it was in use") as caught:
            await store.end([Ending(record.id, Reason.REVOKED, NOW)])
        assert caught.value.remedy.startswith("Put it back, or restart every process")
    path.with_name("elsewhere.db").rename(path)
    assert await store.end([Ending(record.id, Reason.REVOKED, NOW)]) == 1


async def test_a_file_that_is_replaced_takes_no_writes(store, path, tmp_path):
    await store.create(sample_record(1))
    other = SqliteStore(tmp_path / "backup.db")
    await other.create(sample_record(2))
    await other.close()
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink()
    other.path.rename(path)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="was removed or replaced"):
            await store.create(sample_record(3))
    again = SqliteStore(path)
    assert await again.load(sample_record(2).id) == sample_record(2)
    assert await again.load(sample_record(3).id) is None
    await again.close()


async def test_a_full_disk_fails_the_writes_and_not_the_reads(store):
    record = sample_record(1)
    await store.create(record)

    def allow_no_growth(connection):
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    await store._writer.write(allow_no_growth)
    big = Change(data=sets(a="x" * 60_000))
    small = store.save(record.id, Change(data=sets(b=1)))
    outcomes = await asyncio.gather(store.save(record.id, big), small, return_exceptions=True)
    assert isinstance(outcomes[0], StoreUnavailable)
    assert "the disk is full" in str(outcomes[0])
    assert await store.load(record.id) in (record, outcomes[1])


async def test_a_file_that_is_no_database_is_named(path):
    path.write_bytes(b"This is a shopping list, and a rather long one. " * 20)
    with pytest.raises(StoreUnavailable, match=r"sessions\.db is not a SQLite database\. Name another"):
        SqliteStore(path).check()


async def test_a_damaged_file_is_named(store, path):
    await store.create(sample_record(1))
    await store.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    damaged = SqliteStore(path)
    with pytest.raises(StoreUnavailable, match="is damaged"):
        await damaged.load(sample_record(1).id)
    await damaged.close()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"there is no folder .*nowhere\. Create it"):
        SqliteStore(tmp_path / "nowhere" / "sessions.db").check()


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(ConfigurationError, match=r"is a folder\. Name a file in it"):
        SqliteStore(tmp_path).check()


def in_a_child(work):
    """Run `work` in a forked process; return the text it leaves."""
    reading, writing = os.pipe()
    if not (pid := os.fork()):
        try:
            answer = work()
        except BaseException as error:  # noqa: BLE001 - the parent asserts on it
            answer = f"{type(error).__name__}: {error}"
        os.write(writing, str(answer).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(pid, 0)
    return answer


def as_nobody(work):
    """Run `work` without the rights of root, which may write everything."""

    def unprivileged():
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        return work()

    return in_a_child(unprivileged)


@pytest.fixture
def shared_folder(tmp_path):
    for folder in (tmp_path, *tmp_path.parents[:3]):  # one more where tests run in parallel
        folder.chmod(0o755)
    return tmp_path


def test_a_folder_without_permission_is_named(shared_folder):
    shared_folder.chmod(0o555)
    answer = as_nobody(SqliteStore(shared_folder / "sessions.db").check)
    shared_folder.chmod(0o755)
    assert answer.startswith("StoreUnavailable")
    assert "cannot be created: Permission denied. Give this process write permission" in answer


def test_a_folder_that_may_not_be_entered_is_named(shared_folder):
    shared_folder.chmod(0o600)
    answer = as_nobody(SqliteStore(shared_folder / "inner" / "sessions.db").check)
    shared_folder.chmod(0o755)
    assert answer.startswith("StoreUnavailable")
    assert "Give this process write permission" in answer


def test_a_read_only_file_is_named(shared_folder):
    path = shared_folder / "sessions.db"

    path.touch()
    path.chmod(0o444)
    shared_folder.chmod(0o555)
    answer = as_nobody(SqliteStore(path).check)
    shared_folder.chmod(0o755)
    assert answer.startswith("StoreUnavailable")
    assert "sessions.db cannot be written. Give this process write permission" in answer


@pytest.mark.parametrize("lock", ["BEGIN", "BEGIN EXCLUSIVE"])
@pytest.mark.parametrize(("held", "opens"), [(0.1, True), (1.0, False)])
async def test_opening_waits_for_who_holds_the_file_and_not_for_ever(path, monkeypatch, lock, held, opens):
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.4)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE theirs (a)")
        other.execute(lock)
        other.execute("SELECT * FROM theirs").fetchall()
        release = threading.Timer(held, other.execute, ["ROLLBACK"])
        release.start()
        outcome = (await asyncio.gather(asyncio.to_thread(SqliteStore(path).check), return_exceptions=True))[
            0
        ]
        release.join()
    assert (outcome is None) is opens
    assert opens or "locked by another process" in str(outcome)


async def test_a_doorbell_hung_before_a_fork_rings_for_nobody_after_it(store):
    ring = store.doorbell()
    assert ring() == ()
    assert in_a_child(ring).startswith("StoreUnavailable")
    assert ring() == ()


def test_a_store_opened_before_a_fork_says_so_and_one_opened_after_works(path):
    record = sample_record(1)
    opened, untouched = SqliteStore(path), SqliteStore(path)
    untouched.check()

    async def use(store):
        await store.create(record)
        found = await store.load(record.id)
        await store.close()
        return found == record

    async def work():
        assert await opened.load(record.id) is None
        return await asyncio.to_thread(
            lambda: (
                in_a_child(lambda: asyncio.run(use(opened))),
                in_a_child(lambda: asyncio.run(use(untouched))),
            )
        )

    async def both():
        answers = await work()
        await opened.close()
        return answers

    refused, worked = asyncio.run(both())
    assert "was opened before this process was forked. Open the store after the fork" in refused
    assert worked == "True"


async def test_verbs_of_one_moment_share_a_commit(store):
    await store.load("0" * 32)
    may_begin, statements = threading.Event(), []

    def hold(connection):
        connection.set_trace_callback(statements.append)
        return may_begin.wait()

    holding = asyncio.create_task(store._writer.write(hold))
    creating = [asyncio.create_task(store.create(sample_record(seed))) for seed in range(20)]
    await asyncio.sleep(0.01)
    may_begin.set()
    await asyncio.gather(holding, *creating)
    assert statements.count("COMMIT") <= 2
    assert statements.count("SAVEPOINT verb") == 20


async def test_a_tombstone_that_makes_no_sense_is_corrupt(store, path):
    record = sample_record(1)
    await store.create(record)
    await store.end([Ending(record.id, Reason.REVOKED, NOW)])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE coatcheck_sessions SET record = x'80'")
    with pytest.raises(CorruptRecord, match="cannot be read"):
        await store.load(record.id)
    with pytest.raises(SessionExists):
        await store.create(record)  # an end that cannot be read is still an end
    assert await store.sweep(NOW + 1, 1) == 1


async def test_an_id_that_is_not_text_stops_no_walk(store, path):
    records = [sample_record(seed, "u-1") for seed in range(2)]
    for record in records:
        await store.create(record)
    with closing(sqlite3.connect(path)) as connection, connection:
        change = "UPDATE coatcheck_sessions SET id = CAST(x'66fffe' AS TEXT) WHERE id = ?"
        connection.execute(change, (records[0].id,))
    assert await store.scan("", 10) == [records[1]]
    assert records[1].id in (await store.user("u-1")).ids


async def test_a_fault_while_reading_names_the_file(store, path):
    await store.load("0" * 32)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE coatcheck_sessions")
    with pytest.raises(StoreUnavailable, match=r"sessions\.db: no such table"):
        await store.load("0" * 32)


async def test_first_verbs_at_the_same_time_start_one_writer(store):
    await asyncio.gather(*(store.create(sample_record(seed)) for seed in range(5)))
    assert [thread.name for thread in threading.enumerate()].count("coatcheck-sqlite-writer") == 1


async def test_a_first_verb_that_races_the_close_leaves_nothing_open(path):
    store = SqliteStore(path)
    creating = asyncio.create_task(store.create(sample_record(1)))
    await asyncio.sleep(0)
    await asyncio.gather(store.close(), creating, return_exceptions=True)
    assert "coatcheck-sqlite-writer" not in [thread.name for thread in threading.enumerate()]


async def test_a_writer_that_was_closed_takes_no_more(path):
    SqliteStore(path).check()
    writer = Writer(path)
    for _ in range(2):
        await writer.close()
    with pytest.raises(StoreUnavailable, match="the store is closed"):
        await writer.write(lambda connection: connection.total_changes)
