"""A store from its URL."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.store import Cached, Feed, Store
from coatcheck.stores.extras import missing_extra
from coatcheck.stores.memory import MemoryStore
from coatcheck.stores.moving import MovingStore
from coatcheck.stores.near import NearStore
from coatcheck.stores.sqlite import SqliteStore

if TYPE_CHECKING:  # needs the extra
    from coatcheck.stores.sealed import Sealer

SQLITE = "sqlite:///"
_FILES = "Write sqlite:///sessions.db or sqlite:////var/lib/app/sessions.db"
_EXAMPLES = "Write sqlite:///sessions.db, postgresql://user:password@host/database, redis://host or memory://"


def open_store(
    url: str, *, near: bool = False, moving_from: str | None = None, sealer: "Sealer | None" = None
) -> Store:
    """Return the store a URL names, after making sure that it can be used.

    With `near` this process remembers what it read, so that a session check makes no round trip: for an
    application that serves requests. A store that is in this process's memory anyway stays as it is.

    `sqlite:///sessions.db` is relative to the working directory, `sqlite:////var/lib/sessions.db`
    absolute. `postgresql://user:password@host/database` needs the extra `postgres`, and
    `redis://user:password@host` the extra `redis`. `memory://` forgets everything when the process ends.
    Nothing stays open until the first verb, so the store may be handed to a process that is forked later.

    With `moving_from`, the URL of the store where the sessions are so far, both are used while they move;
    [the documentation](../migrate.md) says when. Nothing is remembered meanwhile.

    With a `sealer`, which needs the extra `encryption`, session data are encrypted in the store.

    Raises:
        ConfigurationError: The URL is not one of these, or names a folder that does not exist.
        StoreUnavailable: The database cannot be opened or written.
    """
    store = _open(url) if moving_from is None else open_moving(url, moving_from)
    if sealer is not None:
        from coatcheck.stores.sealed import SealedStore  # noqa: PLC0415 - needs the extra

        store = SealedStore(store, sealer)
    return NearStore(store) if near and isinstance(store, Feed) and not isinstance(store, Cached) else store


def open_moving(target: str, source: str) -> MovingStore:
    """Return the store of an application whose sessions move from one URL to another.

    Raises:
        ConfigurationError: A URL cannot be used, or both are the same.
        StoreUnavailable: A database cannot be opened or written.
    """
    if target == source:
        raise ConfigurationError("sessions cannot move to where they are", remedy="Give two URLs")
    return MovingStore(_open(target), _open(source))


def _open(url: str) -> Store:
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise ConfigurationError("the database is not named by a URL", remedy=_EXAMPLES)
    # Nothing of the rest is repeated: the URL of a server may hold a password.
    if scheme in _SERVERS:
        return _SERVERS[scheme](url)
    if scheme not in _OPENERS:
        raise ConfigurationError(f"there is no store for {scheme}://", remedy=_EXAMPLES)
    return _OPENERS[scheme](rest)


def sqlite_path(url: str) -> str | None:
    """Return the file that a `sqlite:///` URL names, where accounts may live too; None for other stores."""
    return url.removeprefix(SQLITE) if url.startswith(SQLITE) else None


def is_sql(url: str) -> bool:
    """Tell whether a URL names a database that speaks SQL, where accounts may live too."""
    return url.startswith((SQLITE, "postgresql://", "postgres://"))


def _memory(rest: str) -> MemoryStore:
    if rest.strip("/"):
        raise ConfigurationError("memory:// takes no name", remedy=_EXAMPLES)
    return MemoryStore()


def _sqlite(rest: str) -> SqliteStore:
    path = rest.removeprefix("/")
    if path == rest:
        raise ConfigurationError("a sqlite:// URL has three slashes before its file", remedy=_FILES)
    if not path or path.endswith("/") or path == ":memory:":
        raise ConfigurationError("the sqlite:// URL names no file", remedy=_FILES)
    store = SqliteStore(path)
    store.check()
    return store


def _postgres(url: str) -> Store:
    try:
        from coatcheck.stores.postgres import open_postgres  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as error:
        raise missing_extra(error, "postgres") from error
    return open_postgres(url)


def _redis(url: str) -> Store:
    try:
        from coatcheck.stores.redis import RedisStore  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as error:
        raise missing_extra(error, "redis") from error
    store = RedisStore(url)
    store.check()
    return store


# A server's store reads its whole URL itself.
_SERVERS: dict[str, Callable[[str], Store]] = {
    "postgres": _postgres,
    "postgresql": _postgres,
    "redis": _redis,
    "rediss": _redis,
    "valkey": _redis,
    "redis+cluster": _redis,
    "rediss+cluster": _redis,
    "redis+sentinel": _redis,
    "rediss+sentinel": _redis,
}
_OPENERS: dict[str, Callable[[str], Store]] = {"memory": _memory, "sqlite": _sqlite}
