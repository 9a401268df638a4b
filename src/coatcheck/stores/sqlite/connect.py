"""Connections to the file, and what its faults mean in words."""

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.stores.sqlite import schema

BUSY_SECONDS = 5.0
_RETRY_SECONDS = 0.02
_PRIMARY_CODE = 0xFF  # the rest of a code of SQLite tells why

# The start of SQLite's name of a fault, what it means, and what to do.
_FAULTS = (
    (
        "SQLITE_BUSY",
        "is locked by another process",
        "Find the process that keeps a transaction open; this can be repeated",
    ),
    (
        "SQLITE_READONLY_DBMOVED",
        "was removed or replaced while it was in use",
        "Put it back, or restart every process, which then goes on with what is there",
    ),
    (
        "SQLITE_READONLY",
        "cannot be written",
        "Give this process write permission for the file, those beside it (-wal, -shm) and its folder",
    ),
    ("SQLITE_FULL", "cannot grow: the disk is full", "Free some space; the request can be repeated"),
    ("SQLITE_IOERR", "cannot be read or written: the disk reports an error", "Check the disk"),
    ("SQLITE_CANTOPEN", "cannot be opened", "Check that the file exists and this process may open it"),
    ("SQLITE_NOTADB", "is not a SQLite database", "Name another file, or move this one away"),
    (
        "SQLITE_CORRUPT",
        "is damaged",
        "Restore it from a backup, or move it away and let everybody sign in again",
    ),
)


class Moved(sqlite3.OperationalError):
    """What SQLite finds out by itself only where it writes no log ahead."""

    sqlite_errorname = "SQLITE_READONLY_DBMOVED"


def file_at(path: Path) -> tuple[int, int] | None:
    """Return which file has this name now."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def fault(error: Exception, path: Path) -> StoreUnavailable:
    """Say what an error of SQLite means, and what to do about it."""
    name = getattr(error, "sqlite_errorname", "")
    for start, meaning, remedy in _FAULTS:
        if name.startswith(start):
            return StoreUnavailable(f"{path} {meaning}", remedy=remedy)
    return StoreUnavailable(f"{path}: {error}")


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing file in autocommit mode; every acknowledged commit survives a crash.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(path: Path) -> None:
    """Create the file if it is missing, and bring it to the newest schema.

    Raises:
        ConfigurationError: There is no such folder, or a newer library wrote the file.
        StoreUnavailable: It cannot be opened or written.
    """
    _create(path)
    try:
        with closing(connect(path)) as connection:
            _use_wal(connection)
            schema.migrate(connection)
    except sqlite3.Error as error:
        raise fault(error, path) from error


def _create(path: Path) -> None:
    """Make an empty file that only its owner may read: SQLite gives its companions the same mode."""
    try:
        _require_folder(path)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreUnavailable(
            f"{path} cannot be created: {error.strerror}", remedy="Give this process write permission there"
        ) from error


def _require_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise ConfigurationError(
            f"there is no folder {path.parent}", remedy="Create it, or name a file in another folder"
        )
    if path.is_dir():
        raise ConfigurationError(f"{path} is a folder", remedy="Name a file in it")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, which the file remembers.

    Of processes that start at once some are told "busy" without SQLite waiting for them, so the
    waiting is done here.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    for remaining in reversed(range(int(BUSY_SECONDS / _RETRY_SECONDS))):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if not remaining or error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(_RETRY_SECONDS)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1_000:.0f}")
