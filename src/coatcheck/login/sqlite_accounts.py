"""The embedded user table in SQLite: one file, the sessions' or one of its own."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, TypeVar

from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import ConfigurationError
from coatcheck.login.sql_accounts import SqlAccounts
from coatcheck.stores.sqlite.connect import connect, fault

ResultT = TypeVar("ResultT")

# Each step is run once, in order. The version lives in a table: the file may be the sessions' too,
# whose own version is none of our business.
MIGRATIONS = (
    """
    CREATE TABLE coatcheck_accounts (
        user_id TEXT PRIMARY KEY,
        email TEXT NOT NULL,
        email_key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        roles TEXT NOT NULL,
        password_hash TEXT,
        disabled INTEGER NOT NULL DEFAULT 0,
        created_at REAL NOT NULL
    ) WITHOUT ROWID
    """,
)


class SqliteAccounts(SqlAccounts):
    """Accounts in a SQLite file, safe for several processes; no call blocks the event loop.

    Args:
        path: The file; it is made if its folder exists.
        entropy: Draws the user ids, 128 random bits each, so none is ever given out twice.

    Raises:
        ConfigurationError: The file cannot be made, or was written by a newer version.
        StoreUnavailable: It is no database, or cannot be written.
    """

    def __init__(self, path: str | Path, *, entropy: Entropy | None = None) -> None:
        super().__init__(entropy)
        self._path = Path(path)
        self._lock = threading.Lock()
        self._connection = _open(self._path)

    async def close(self) -> None:
        """Let go of the file."""
        await self._run(self._connection.close)

    async def _fetch(self, query: str, *values: object) -> Sequence[Sequence[Any]]:
        return await self._run(lambda: self._connection.execute(query, values).fetchall())

    async def _change(self, statement: str, *values: object) -> bool:
        return await self._run(lambda: self._connection.execute(statement, values).rowcount > 0)

    async def _run(self, work: Callable[[], ResultT]) -> ResultT:
        def locked() -> ResultT:
            with self._lock:
                return work()

        try:
            return await asyncio.to_thread(locked)
        except sqlite3.Error as error:
            raise fault(error, self._path) from error


def _open(path: Path) -> sqlite3.Connection:
    try:
        path.touch(mode=0o600)  # password hashes are nobody else's business
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be created: {error.strerror}",
            remedy="Name a file in a folder that exists and is writable",
        ) from error
    with ExitStack() as on_failure:
        try:
            connection = on_failure.enter_context(closing(connect(path)))
            _migrate(connection)
        except sqlite3.Error as error:
            raise fault(error, path) from error
        on_failure.pop_all()
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS coatcheck_accounts_schema (version INTEGER PRIMARY KEY)"
        )
        done = connection.execute("SELECT count(*) FROM coatcheck_accounts_schema").fetchone()[0]
        if done > len(MIGRATIONS):
            raise ConfigurationError(
                "the accounts were written by a newer version of Coatcheck", remedy="Install that version"
            )
        for version, step in enumerate(MIGRATIONS[done:], done + 1):
            connection.execute(step)
            connection.execute("INSERT INTO coatcheck_accounts_schema VALUES (?)", (version,))
