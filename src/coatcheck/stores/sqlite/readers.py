"""One reading connection for each thread, opened when it first reads."""

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from coatcheck.stores.sqlite.connect import connect


class Readers:
    """Connections in autocommit: every read sees the latest commit of any process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._all: list[sqlite3.Connection] = []

    def get(self) -> sqlite3.Connection:
        """Return the connection of the calling thread."""
        try:
            connection: sqlite3.Connection = self._own.connection
        except AttributeError:
            connection = self._own.connection = self.open()
        return connection

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
        """Close the connections of all threads."""
        while self._all:
            self._all.pop().close()
        self._own = threading.local()
