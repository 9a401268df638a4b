"""Opening what a command works on: the store of the sessions, and the accounts beside or inside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coatcheck.core.errors import ConfigurationError
from coatcheck.manager import SessionManager
from coatcheck.stores import open_store

if TYPE_CHECKING:
    from coatcheck.login import SqliteAccounts, Users

SQLITE = "sqlite:///"
MEMORY = "memory:"


@dataclass(frozen=True, slots=True)
class Places:
    """Where sessions and accounts live, as the options `--database` and `--accounts` say.

    Attributes:
        database: URL of the store.
        accounts: SQLite file of the accounts, where the store is not SQLite itself.
    """

    database: str
    accounts: str

    @property
    def accounts_file(self) -> str:
        """The SQLite file in which the accounts are."""
        return self.database.removeprefix(SQLITE) if self.database.startswith(SQLITE) else self.accounts

    @property
    def out_of_reach(self) -> bool:
        """Whether only the server's own process can see its sessions."""
        return self.database.startswith(MEMORY)

    @asynccontextmanager
    async def open_manager(self) -> AsyncIterator[SessionManager[Any]]:
        """Open the sessions of an application that runs, or ran, elsewhere.

        Raises:
            ConfigurationError: There are none, or no other process can see them.
            StoreUnavailable: The database cannot be opened.
        """
        if self.out_of_reach:
            raise ConfigurationError(
                "sessions in memory:// can be reached by their own server only",
                remedy="Restart the server to end them, or keep them in a database",
            )
        if self.database.startswith(SQLITE):
            _require(self.database.removeprefix(SQLITE), "--database")
        async with _managing(self.database) as manager:
            yield manager

    @asynccontextmanager
    async def open_accounts(self) -> AsyncIterator["SqliteAccounts"]:
        """Open accounts that exist.

        Raises:
            ConfigurationError: There is no such file, or it cannot be opened.
        """
        _require(self.accounts_file, "--database or --accounts")
        async with self._accounts() as accounts:
            yield accounts

    @asynccontextmanager
    async def open_users(self, *, create: bool = False) -> AsyncIterator["Desk"]:
        """Open accounts together with the sessions that follow them; `create` makes missing files.

        Raises:
            ConfigurationError: Something does not exist, or cannot be opened.
            StoreUnavailable: The database cannot be opened.
        """
        from coatcheck.login import Login, Passwords

        if not create:
            _require(self.accounts_file, "--database or --accounts")
        async with _managing(self.database) as manager, self._accounts() as accounts:
            passwords = Passwords(entropy=manager.entropy)
            try:
                users = Login(manager, accounts, passwords=passwords).users
                yield Desk(manager=manager, accounts=accounts, users=users)
            finally:
                passwords.close()

    @asynccontextmanager
    async def _accounts(self) -> AsyncIterator["SqliteAccounts"]:
        from coatcheck.login import SqliteAccounts

        accounts = SqliteAccounts(self.accounts_file)
        try:
            yield accounts
        finally:
            await accounts.close()


@dataclass(frozen=True, slots=True)
class Desk:
    """What an operator needs to look after users."""

    manager: SessionManager[Any]
    accounts: "SqliteAccounts"
    users: "Users"


@asynccontextmanager
async def _managing(url: str) -> AsyncIterator[SessionManager[Any]]:
    store = open_store(url)
    try:
        async with SessionManager[Any](store) as manager:
            yield manager
    finally:
        await store.close()


def _require(path: str, option: str) -> None:
    """Refuse to make a new, empty database because of a slip in its name."""
    if not Path(path).is_file():
        raise ConfigurationError(f"there is no database {path}", remedy=f"Name the right one with {option}")
