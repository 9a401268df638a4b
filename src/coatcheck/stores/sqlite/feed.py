"""The feed: a timer looks at SQLite's doorbell, and at the table of changes when it rang."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import closing
from pathlib import Path

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import HEARTBEAT
from coatcheck.stores.sqlite.changes import Position
from coatcheck.stores.sqlite.connect import connect, fault

INTERVAL = 0.05  # seconds between two looks; nobody looks while nobody listens
_LOOKS_PER_HEARTBEAT = int(HEARTBEAT / INTERVAL / 2)  # a busy event loop looks late


async def follow(path: Path, is_closed: Callable[[], bool]) -> AsyncGenerator[tuple[str, ...], None]:
    """Yield what changes in the file, in whichever process; see `core.store.Feed`.

    Raises:
        StoreUnavailable: The store was closed, the file cannot be read, or changes were missed.
    """
    try:
        with closing(connect(path)) as connection:
            connection.execute("PRAGMA query_only = ON")
            position = Position(connection)
            yield ()
            quiet = 0
            while True:
                await asyncio.sleep(INTERVAL)
                if is_closed():
                    raise StoreUnavailable("the store is closed", remedy="Open it again")
                ids, quiet = position.news(), quiet + 1
                if ids:
                    yield ids
                if ids or quiet >= _LOOKS_PER_HEARTBEAT:
                    quiet = 0
                    yield ()
    except sqlite3.Error as error:
        raise fault(error, path) from error
