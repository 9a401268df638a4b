"""What changed, as a table that every process reads: its end is where the news is."""

import sqlite3
from pathlib import Path

from coatcheck.core.errors import StoreUnavailable
from coatcheck.stores.sqlite.bell import Bell

KEPT = 8_192  # changes, for listeners that are behind
_BATCH = 256  # so many more are trimmed at once

_INSERT = "INSERT INTO coatcheck_changes (id) VALUES (?)"
_TRIM = """
    DELETE FROM coatcheck_changes WHERE seq IN
    (SELECT seq FROM coatcheck_changes WHERE seq <= ? ORDER BY seq LIMIT ?)
"""
_LAST = "SELECT seq, id FROM coatcheck_changes ORDER BY seq DESC LIMIT 1"
_SINCE = "SELECT seq, id FROM coatcheck_changes WHERE seq >= ? ORDER BY seq"


def note(connection: sqlite3.Connection, id: str) -> None:
    """Write down that this transaction changes a session; now and then trim what is old."""
    seq = connection.execute(_INSERT, (id,)).lastrowid
    if seq and seq % _BATCH == 0:
        connection.execute(_TRIM, (seq - KEPT, 2 * _BATCH))


class Position:
    """How far one listener has read, over a connection that writes nothing.

    Args:
        connection: The listener's own.
        path: Of its file, where the listener looks so often that a bell of our own pays.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None = None) -> None:
        self._ask = connection.execute
        self._bell = Bell(connection, path)  # first: what is committed from now on rings
        self._last: tuple[int, str] = self._ask(_LAST).fetchone()

    def news(self) -> tuple[str, ...]:
        """Return the ids of sessions that were changed since it was asked last, each once.

        Raises:
            StoreUnavailable: Some were trimmed unread, or the file is another one now.
        """
        if not self._bell.rings():
            return ()
        known, *new = self._ask(_SINCE, self._last[:1]).fetchall() or [None]
        if known != self._last:
            raise StoreUnavailable("changes were missed", remedy="Listen again")
        if new:
            self._last = new[-1]
        return tuple(dict.fromkeys(id for _, id in new))
