"""The doorbell of SQLite: no commit of any process goes unheard, and no lock of SQLite's is let go."""

import subprocess
import sys
from contextlib import closing

import pytest

from coatcheck.stores.sqlite import bell as bells
from coatcheck.stores.sqlite.bell import Bell
from coatcheck.stores.sqlite.changes import Position
from coatcheck.stores.sqlite.connect import connect, prepare

COMMITS = 3_000
ABANDONED = (
    "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN IMMEDIATE'); os._exit(1)"
)
# Commits one change for each line that it is sent, and answers when it is stored.
WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA synchronous = OFF")
connection.execute(f"PRAGMA wal_autocheckpoint = {sys.argv[2]}")
for line in sys.stdin:
    connection.execute("INSERT INTO coatcheck_changes (id) VALUES (?)", (line.strip(),))
    print(flush=True)
"""
DEADMAN = 128  # the byte of the index that every process locks while it has connections (SQLite's os_unix.c)
LOCKED = """
import fcntl, sys
with open(sys.argv[1], "r+b") as index:
    try:
        fcntl.lockf(index, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, int(sys.argv[2]))
    except OSError:
        print("locked")
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "sessions.db"
    prepare(path)
    return path


@pytest.fixture
def connection(path):
    with closing(connect(path)) as connection:
        yield connection


@pytest.fixture
def other(path):
    """Another connection, which commits."""
    with closing(connect(path)) as connection:
        yield connection


@pytest.fixture(params=[1, 1_000], ids=["a checkpoint with each commit", "checkpoints now and then"])
def writer(path, request):
    """Another process, which commits."""
    command = [sys.executable, "-c", WRITER, str(path), str(request.param)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def unchecked(monkeypatch):
    """SQLite is never asked: what is heard is heard by the mapping."""
    monkeypatch.setattr(bells, "_CROSS_CHECK", sys.maxsize)


def commit(connection, id="s"):
    connection.execute("INSERT INTO coatcheck_changes (id) VALUES (?)", (id,))


def index_of(path):
    return path.with_name(f"{path.name}-shm")


def is_locked_here(path):
    """Tell whether another process finds this one's lock on the index."""
    command = [sys.executable, "-c", LOCKED, str(index_of(path)), str(DEADMAN)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout == "locked\n"


def test_it_rings_once_for_what_was_committed_and_never_for_nothing(path, connection, other, unchecked):
    bell = Bell(connection, path)
    assert bell._index is not None
    assert not bell.rings()
    commit(other)
    assert bell.rings()
    assert not bell.rings()
    other.execute("BEGIN IMMEDIATE")
    commit(other)
    assert not bell.rings(), "what is not committed is no news"
    other.execute("ROLLBACK")
    assert not bell.rings()


def test_no_commit_that_another_process_has_acknowledged_is_missed(path, connection, writer, unchecked):
    position = Position(connection, path)
    for number in range(COMMITS // 2):
        writer.stdin.write(f"{number}\n")
        writer.stdin.flush()
        writer.stdout.readline()
        assert position.news() == (str(number),)
        assert position.news() == ()


def test_nothing_is_missed_of_a_storm_of_commits(path, connection, writer, unchecked):
    position, heard = Position(connection, path), []
    writer.stdin.write("".join(f"{number}\n" for number in range(COMMITS)))
    writer.stdin.close()
    while writer.poll() is None:
        heard += position.news()
    heard += position.news()
    assert heard == [str(number) for number in range(COMMITS)]


def test_a_process_that_dies_while_it_writes_deafens_nobody(path, connection, other, unchecked):
    bell = Bell(connection, path)
    subprocess.run([sys.executable, "-c", ABANDONED, str(path)], check=False)
    commit(other)
    assert bell.rings()


@pytest.mark.parametrize("through", ["link", "folder"])
def test_the_index_is_found_where_sqlite_puts_it(path, tmp_path, through, unchecked):
    named = tmp_path / through
    named.symlink_to(path if through == "link" else tmp_path)
    named = named if through == "link" else named / path.name
    with closing(connect(named)) as connection, closing(connect(path)) as other:
        bell = Bell(connection, named)
        assert bell._index is not None
        commit(other)
        assert bell.rings()


@pytest.mark.parametrize("index", [None, b"", b"\0" * 48], ids=["none", "empty", "unknown"])
def test_without_an_index_as_we_know_it_sqlite_is_asked(tmp_path, connection, other, index):
    elsewhere = tmp_path / "elsewhere.db"
    if index is not None:
        index_of(elsewhere).write_bytes(index)
    bell = Bell(connection, elsewhere)
    assert bell._index is None
    assert not bell.rings()
    commit(other)
    assert bell.rings()
    assert not bell.rings()


def test_the_index_of_another_file_is_soon_not_believed(tmp_path, connection, other, monkeypatch):
    monkeypatch.setattr(bells, "_CROSS_CHECK", 3)
    elsewhere = tmp_path / "elsewhere.db"
    prepare(elsewhere)
    with closing(connect(elsewhere)) as stranger:
        stranger.execute("SELECT * FROM coatcheck_changes")
        bell = Bell(connection, elsewhere)
        assert bell._index is not None
        assert [bell.rings() for _ in range(6)] == [False] * 6, "as long as nothing happens nothing is amiss"
        commit(other)
        assert [bell.rings() for _ in range(3)] == [False, False, True]
        assert bell._index is None
        commit(other)
        assert bell.rings()


def test_a_commit_beside_the_cross_check_costs_no_trust(path, connection, other, monkeypatch):
    monkeypatch.setattr(bells, "_CROSS_CHECK", 1)
    bell = Bell(connection, path)
    asked = bell._data_version

    def committed_meanwhile():
        commit(other)
        bell._data_version = asked
        return asked()

    bell._data_version = committed_meanwhile
    assert bell.rings()
    assert bell._index is not None


def test_the_locks_of_sqlite_outlive_every_bell(path, connection):
    """POSIX lets go of a process's locks on a file when it closes any descriptor of it."""
    for _ in range(3):
        with closing(connect(path)) as listening:
            Bell(listening, path)
    assert is_locked_here(path)
    index_of(path).open("rb").close()
    assert not is_locked_here(path), "the test would notice"


def test_an_index_is_opened_once_and_let_go_when_it_is_gone(tmp_path, path, connection):
    Bell(connection, path)
    before = len(bells._kept)
    for _ in range(3):
        Bell(connection, path)
    assert len(bells._kept) == before
    for number in range(5):
        passing = tmp_path / f"{number}.db"
        prepare(passing)
        with closing(connect(passing)) as listening:
            Bell(listening, passing)
        assert not index_of(passing).exists()
    Bell(connection, path)
    assert len(bells._kept) <= before + 1
