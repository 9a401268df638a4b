"""The embedded user table: one SQLite file, the sessions' or one of its own."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.core.errors import ConfigurationError
from coatcheck.login.accounts import Account, fold_email
from coatcheck.stores.sqlite.connect import connect, fault

ResultT = TypeVar("ResultT")

ID_BYTES = 16

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

_SELECT = "SELECT user_id, email, name, roles, password_hash, disabled, created_at FROM coatcheck_accounts"


class SqliteAccounts:
    """Accounts in a SQLite file, safe for several processes; no call blocks the event loop.

    Args:
        path: The file; it is made if its folder exists.
        entropy: Draws the user ids, 128 random bits each, so none is ever given out twice.

    Raises:
        ConfigurationError: The file cannot be made, or was written by a newer version.
        StoreUnavailable: It is no database, or cannot be written.
    """

    def __init__(self, path: str | Path, *, entropy: Entropy | None = None) -> None:
        self._entropy = entropy or SystemEntropy()
        self._path = Path(path)
        self._lock = threading.Lock()
        self._connection = _open(self._path)

    async def by_email(self, email: str) -> Account | None:
        """Return the account with this address, without regard to case."""
        return await self._one(f"{_SELECT} WHERE email_key = ?", fold_email(email))

    async def by_id(self, user_id: str) -> Account | None:
        """Return the account with this id."""
        return await self._one(f"{_SELECT} WHERE user_id = ?", user_id)

    async def add(
        self,
        *,
        email: str,
        name: str,
        password_hash: str | None,
        roles: frozenset[str],
        created_at: float,
    ) -> Account | None:
        """Make an account; None if the address is taken. `created_at` in seconds since the epoch."""
        account = Account(
            user_id=self._entropy.token_bytes(ID_BYTES).hex(),
            email=email.strip(),
            name=name,
            roles=roles,
            password_hash=password_hash,
            created_at=created_at,
        )
        made = await self._change(
            "INSERT INTO coatcheck_accounts VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
            account.user_id,
            account.email,
            fold_email(email),
            name,
            _pack(roles),
            password_hash,
            created_at,
        )
        return account if made else None

    async def set_password_hash(
        self, user_id: str, password_hash: str, *, expected: str | None = None
    ) -> bool:
        """Replace the hash; with `expected` only if that is still the stored one."""
        return await self._change(
            "UPDATE coatcheck_accounts SET password_hash = ?"
            " WHERE user_id = ? AND (? IS NULL OR password_hash = ?)",
            password_hash,
            user_id,
            expected,
            expected,
        )

    async def set_profile(self, user_id: str, *, name: str) -> bool:
        """Change what is displayed."""
        return await self._set("name", name, user_id)

    async def set_roles(self, user_id: str, roles: frozenset[str]) -> bool:
        """Change what the user may do."""
        return await self._set("roles", _pack(roles), user_id)

    async def set_disabled(self, user_id: str, *, disabled: bool) -> bool:
        """Close the account to sign-in, or open it again."""
        return await self._set("disabled", disabled, user_id)

    async def remove(self, user_id: str) -> bool:
        """Delete the account; its id is never used again."""
        return await self._change("DELETE FROM coatcheck_accounts WHERE user_id = ?", user_id)

    async def list(self, *, after: str = "", limit: int = 100) -> list[Account]:
        """Return accounts in the order of their folded addresses, those after `after`."""
        query = f"{_SELECT} WHERE email_key > ? ORDER BY email_key LIMIT ?"
        rows = await self._run(lambda: self._connection.execute(query, (fold_email(after), limit)).fetchall())
        return [_account(row) for row in rows]

    async def close(self) -> None:
        """Let go of the file."""
        await self._run(self._connection.close)

    async def _one(self, query: str, value: str) -> Account | None:
        try:
            row = await self._run(lambda: self._connection.execute(query, (value,)).fetchone())
        except UnicodeEncodeError:  # half a surrogate pair: no stored text is like that
            return None
        return _account(row) if row else None

    async def _set(self, column: str, value: object, user_id: str) -> bool:
        return await self._change(
            f"UPDATE coatcheck_accounts SET {column} = ? WHERE user_id = ?",  # noqa: S608 - our own names
            value,
            user_id,
        )

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


def _account(row: tuple[Any, ...]) -> Account:
    user_id, email, name, roles, password_hash, disabled, created_at = row
    return Account(
        user_id=user_id,
        email=email,
        name=name,
        roles=msgspec.json.decode(roles, type=frozenset[str]),
        password_hash=password_hash,
        disabled=bool(disabled),
        created_at=created_at,
    )


def _pack(roles: frozenset[str]) -> str:
    return msgspec.json.encode(sorted(roles)).decode()
