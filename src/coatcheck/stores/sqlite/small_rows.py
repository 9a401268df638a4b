"""The verbs of the skill `Rows`, in SQL: plain functions over a connection."""

import sqlite3

from coatcheck.core.moving import KeptRow
from coatcheck.core.store import Row

_INSERT = "INSERT OR IGNORE INTO coatcheck_rows (key, value, expires_at) VALUES (?, ?, ?)"
_AFTER = """
    SELECT key, value, version, expires_at FROM coatcheck_rows WHERE key > ? ORDER BY key LIMIT ?
"""
_SWEEP = """
    DELETE FROM coatcheck_rows WHERE version IN
    (SELECT version FROM coatcheck_rows WHERE expires_at < ? LIMIT ?)
"""


def get(connection: sqlite3.Connection, key: str) -> Row | None:
    """Return the value under `key`, or None."""
    row = connection.execute("SELECT value, version FROM coatcheck_rows WHERE key = ?", (key,)).fetchone()
    return Row(*row) if row else None


def put(connection: sqlite3.Connection, key: str, row: Row, expires_at: float) -> bool:
    """Store a value if the version under `key` is still `row.version` (0: absent)."""
    if row.version:
        dropped = connection.execute(
            "DELETE FROM coatcheck_rows WHERE key = ? AND version = ?", (key, row.version)
        )
        if not dropped.rowcount:
            return False
    return connection.execute(_INSERT, (key, row.value, expires_at)).rowcount == 1


def scan(connection: sqlite3.Connection, after: str, limit: int) -> list[KeptRow]:
    """Return at most `limit` values with keys greater than `after`, in order."""
    return [KeptRow(*row) for row in connection.execute(_AFTER, (after, limit))]


def delete(connection: sqlite3.Connection, key: str) -> None:
    """Remove the value; an absent key is fine."""
    connection.execute("DELETE FROM coatcheck_rows WHERE key = ?", (key,))


def sweep(connection: sqlite3.Connection, before: float, limit: int) -> int:
    """Delete at most `limit` values that expired before `before`."""
    return connection.execute(_SWEEP, (before, limit)).rowcount
