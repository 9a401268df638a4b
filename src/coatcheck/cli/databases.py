"""Opening what a command works on: the store of the sessions, and the accounts beside or inside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.ledger import Ledger, Search
from coatcheck.core.store import Store
from coatcheck.manager import SessionManager
from coatcheck.stores import is_sql, open_store, sqlite_path
from coatcheck.watch.audit import Audit

if TYPE_CHECKING:
    from coatcheck.login import Accounts, Users

MEMORY = "memory:"
OPERATOR = "cli"  # who acted, in the events of what a command did


@dataclass(frozen=True, slots=True)
class OpenUsers:
    """What an operator needs to look after users: their table, and what may be done about them."""

    accounts: "Accounts"
    users: "Users"


@dataclass(frozen=True, slots=True)
class Databases:
    """Where sessions and accounts live, as the options `--database` and `--accounts` say.

    Attributes:
        sessions: URL of the store.
        beside: SQLite file of the accounts, where the store does not speak SQL itself.
    """

    sessions: str
    beside: str

    @property
    def accounts(self) -> str:
        """URL of the database in which the accounts are."""
        return self.sessions if is_sql(self.sessions) else f"sqlite:///{self.beside}"

    @asynccontextmanager
    async def open_accounts(self) -> AsyncIterator["Accounts"]:
        """Open accounts that exist.

        Raises:
            ConfigurationError: There is no such file, or it cannot be opened.
        """
        require_database(self.accounts, "--database or --accounts")
        async with self._accounts() as accounts:
            yield accounts

    @asynccontextmanager
    async def open_users(self, *, create: bool = False) -> AsyncIterator[OpenUsers]:
        """Open accounts together with the sessions that follow them; `create` makes missing files.

        Raises:
            ConfigurationError: Something does not exist, or cannot be opened.
            StoreUnavailable: The database cannot be opened.
        """
        from coatcheck.login import Login, Passwords

        if not create:
            require_database(self.accounts, "--database or --accounts")
        async with _managing(self.sessions) as manager, self._accounts() as accounts:
            passwords = Passwords(entropy=manager.entropy)
            try:
                yield OpenUsers(accounts, Login(manager, accounts, passwords=passwords).users)
            finally:
                passwords.close()

    @asynccontextmanager
    async def _accounts(self) -> AsyncIterator["Accounts"]:
        from coatcheck.login import open_accounts

        accounts = open_accounts(self.accounts)
        try:
            yield accounts
        finally:
            await accounts.close()


@asynccontextmanager
async def open_manager(url: str) -> AsyncIterator[SessionManager[Any]]:
    """Open the sessions of an application that runs, or ran, elsewhere.

    Raises:
        ConfigurationError: There are none, or no other process can see them.
        StoreUnavailable: The database cannot be opened.
    """
    require_reachable(url)
    require_database(url, "--database")
    async with _managing(url) as manager:
        yield manager


def place(url: str) -> str:
    """Return where a URL leads, without what it may hold of secrets."""
    if sqlite_path(url):
        return url
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def is_reachable(url: str) -> bool:
    """Tell whether another process than the server's own can see its sessions."""
    return not url.startswith(MEMORY)


def require_reachable(url: str) -> None:
    """Refuse to look for sessions where no other process can see them.

    Raises:
        ConfigurationError: They are in the memory of their server.
    """
    if not is_reachable(url):
        raise ConfigurationError(
            "what is in memory:// can be reached by its own server only",
            remedy="Restart the server to begin anew, or keep sessions in a database",
        )


@asynccontextmanager
async def _managing(url: str) -> AsyncIterator[SessionManager[Any]]:
    store = open_store(url)
    try:
        observers = [Audit(checkpoint_every=None)] if await _has_ledger(store) else []
        async with SessionManager[Any](store, observers=observers) as manager:
            yield manager
    finally:
        await store.close()


async def _has_ledger(store: Store) -> bool:
    """Tell whether the application keeps a ledger, which then tells of operators' acts too."""
    return isinstance(store, Ledger) and bool(await store.find(Search(), None, 1))


def require_database(url: str, option: str) -> None:
    """Refuse to make a new, empty SQLite file because of a slip in its name.

    Raises:
        ConfigurationError: There is no such file.
    """
    if path := sqlite_path(url):
        _require(path, option)


def _require(path: str, option: str) -> None:
    """Refuse to make a new, empty database because of a slip in its name."""
    if not Path(path).is_file():
        raise ConfigurationError(f"there is no database {path}", remedy=f"Name the right one with {option}")
