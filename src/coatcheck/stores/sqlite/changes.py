"""What changed, as a table that every process reads: its end is where the news is."""

import sqlite3

from coatcheck.core.errors import StoreUnavailable

KEPT = 8_192  # changes, for listeners that are behind
_BATCH = 256  # so many more are trimmed at once

_INSERT = "INSERT INTO coatcheck_changes (id) VALUES (?)"
_TRIM = """
    DELETE FROM coatcheck_changes WHERE seq IN
    (SELECT seq FROM coatcheck_changes WHERE seq <= ? ORDER BY seq LIMIT ?)
"""
_LAST = "SELECT seq, id FROM coatcheck_changes ORDER BY seq DESC LIMIT 1"
_SINCE = "SELECT seq, id FROM coatcheck_changes WHERE seq >= ? ORDER BY seq"
_DOORBELL = "PRAGMA data_version"  # another number whenever another connection has committed


def note(connection: sqlite3.Connection, id: str) -> None:
    """Write down that this transaction changes a session; now and then trim what is old."""
    seq = connection.execute(_INSERT, (id,)).lastrowid
    if seq and seq % _BATCH == 0:
        connection.execute(_TRIM, (seq - KEPT, 2 * _BATCH))


class Position:
    """How far one listener has read, over a connection that writes nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._ask = connection.execute
        self._version = self._ring()
        self._last: tuple[int, str] = self._ask(_LAST).fetchone()

    def news(self) -> tuple[str, ...]:
        """Return the ids of sessions that were changed since it was asked last, each once.

        Raises:
            StoreUnavailable: Some were trimmed unread, or the file is another one now.
        """
        version = self._ring()
        if version == self._version:
            return ()
        self._version = version
        known, *new = self._ask(_SINCE, self._last[:1]).fetchall() or [None]
        if known != self._last:
            raise StoreUnavailable("changes were missed", remedy="Listen again")
        if new:
            self._last = new[-1]
        return tuple(dict.fromkeys(id for _, id in new))

    def _ring(self) -> int:
        version: int = self._ask(_DOORBELL).fetchone()[0]
        return version
