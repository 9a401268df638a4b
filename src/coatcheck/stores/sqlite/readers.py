"""One reading connection for each thread, opened when it first reads."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from coatcheck.core.errors import StoreUnavailable
from coatcheck.stores.sqlite.connect import connect


class Readers:
    """Connections in autocommit: every read sees the latest commit of any process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._aside = threading.Condition()
        self._under_way = 0
        self._closed = False

    def get(self) -> sqlite3.Connection:
        """Return the connection of the calling thread."""
        try:
            connection: sqlite3.Connection = self._own.connection
        except AttributeError:
            connection = self._own.connection = self.open()
        return connection

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Read on a thread that nobody waits for: to close a connection in the midst of a read is a crash.

        Raises:
            StoreUnavailable: They are closed.
        """
        with self._aside:
            if self._closed:
                raise StoreUnavailable("the store is closed", remedy="Open it again")
            self._under_way += 1
        try:
            yield
        finally:
            with self._aside:
                self._under_way -= 1
                self._aside.notify_all()

    def open(self) -> sqlite3.Connection:
        """Open one more connection that can write nothing."""
        connection = connect(self._path)
        connection.execute("PRAGMA query_only = ON")
        self._all.append(connection)
        return connection

    def let_go(self, connection: sqlite3.Connection) -> None:
        """Close a connection that `open` returned."""
        with suppress(ValueError):  # closed with all others meanwhile
            self._all.remove(connection)
        connection.close()

    def close(self) -> None:
        """Close the connections of all threads, once what is read aside has come to its end."""
        with self._aside:
            self._closed = True
            self._aside.wait_for(lambda: not self._under_way)
        while self._all:
            self._all.pop().close()
        self._own = threading.local()
