"""The verbs on sessions and users, in SQL: plain functions over a connection.

Those that write run inside a transaction of the writer.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress

from coatcheck.core import change as changes
from coatcheck.core.change import Change
from coatcheck.core.errors import CorruptRecord, SessionExists, StaleUser
from coatcheck.core.moving import supersedes
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Ending, UserEntry
from coatcheck.stores.sqlite.changes import note
from coatcheck.stores.sqlite.rows import from_row, to_row

_LOAD = "SELECT record, ended_at FROM coatcheck_sessions WHERE id = ?"
_INSERT = """
    INSERT INTO coatcheck_sessions (record, user_id, created_at, ended_at, expires_at, id)
    VALUES (?, ?, ?, ?, ?, ?)
"""
_UPDATE = """
    UPDATE coatcheck_sessions SET record = ?, user_id = ?, created_at = ?, ended_at = ?, expires_at = ?
    WHERE id = ?
"""
_IS_OVER = "SELECT ended_at IS NOT NULL FROM coatcheck_sessions WHERE id = ?"
# As bytes: a name that is damaged must not stop the walk over its neighbours.
_OF_USER = """
    SELECT CAST(id AS BLOB), expires_at FROM coatcheck_sessions
    WHERE user_id = ? ORDER BY created_at
"""
_AFTER = "SELECT CAST(id AS BLOB) FROM coatcheck_sessions WHERE id > ? ORDER BY id"
_VERSION = "SELECT version FROM coatcheck_users WHERE user_id = ?"
_SET_VERSION = """
    INSERT INTO coatcheck_users (user_id, version) VALUES (?, ?)
    ON CONFLICT (user_id) DO UPDATE SET version = excluded.version
"""
_SWEEP = """
    DELETE FROM coatcheck_sessions WHERE id IN
    (SELECT id FROM coatcheck_sessions WHERE expires_at < ? LIMIT ?)
"""


def load(connection: sqlite3.Connection, id: str) -> Record | Tombstone | None:
    """Return the record, its tombstone, or None."""
    try:
        row = connection.execute(_LOAD, (id,)).fetchone()
    except sqlite3.OperationalError as error:
        if "Could not decode to UTF-8" in str(error):  # the driver's own complaint: SQLite has no code for it
            raise CorruptRecord(f"session {id} holds text that is not UTF-8") from error
        raise
    return None if row is None else from_row(id, *row)


def create(
    connection: sqlite3.Connection, record: Record, user_version: int, cap: Cap | None
) -> tuple[str, ...]:
    """Store a new record; return the ids of sessions evicted to make room."""
    if connection.execute("SELECT 1 FROM coatcheck_sessions WHERE id = ?", (record.id,)).fetchone():
        raise SessionExists(f"session {record.id} exists or has ended")
    evicted: tuple[str, ...] = ()
    if (user_id := record.user_id) is not None:
        if _version(connection, user_id) != user_version:
            raise StaleUser(f"user {user_id} changed during sign-in")
        if cap:
            evicted = cap.surplus(_unexpired(connection, user_id, record.created_at))
    end(connection, [Ending(id, Reason.EVICTED, record.created_at) for id in evicted])
    connection.execute(_INSERT, to_row(record))
    note(connection, record.id)
    return evicted


def save(connection: sqlite3.Connection, id: str, change: Change) -> Record | None:
    """Apply a change to the current record; return it as it is now, or None if it is not alive."""
    record = load(connection, id)
    if not isinstance(record, Record):
        return None
    saved = changes.apply(record, change)
    connection.execute(_UPDATE, to_row(saved))
    note(connection, id)
    return saved


def touch(connection: sqlite3.Connection, touches: Sequence[tuple[str, float]]) -> None:
    """Record activity, as `Record.touched` decides."""
    for id, seen_at in touches:
        with suppress(CorruptRecord):
            record = load(connection, id)
            if isinstance(record, Record) and (touched := record.touched(seen_at)):
                connection.execute(_UPDATE, to_row(touched))


def end(connection: sqlite3.Connection, endings: Sequence[Ending]) -> int:
    """Replace records by tombstones; return how many were alive."""
    return sum(_end(connection, ending) for ending in endings)


def _end(connection: sqlite3.Connection, ending: Ending) -> bool:
    is_over = connection.execute(_IS_OVER, (ending.id,)).fetchone()
    nameless = Tombstone(id=ending.id, reason=ending.reason, at=ending.at)
    if is_over == (True,):
        return False
    note(connection, ending.id)
    if is_over is None:
        connection.execute(_INSERT, to_row(nameless))
        return False
    try:
        record = load(connection, ending.id)
    except CorruptRecord:
        record = None  # what cannot be read is ended all the same
    tombstone = record.entomb(ending.reason, ending.at) if isinstance(record, Record) else nameless
    connection.execute(_UPDATE, to_row(tombstone))
    return True


def delete(connection: sqlite3.Connection, ids: Iterable[str]) -> int:
    """Remove rows for good."""
    return connection.executemany(
        "DELETE FROM coatcheck_sessions WHERE id = ?", [(id,) for id in ids]
    ).rowcount


def user(connection: sqlite3.Connection, user_id: str) -> UserEntry:
    """Return the user's version and the ids of their live sessions, oldest first."""
    ids = tuple(_text(id) for id, _ in connection.execute(_OF_USER, (user_id,)).fetchall())
    return UserEntry(version=_version(connection, user_id), ids=ids)


def bump(connection: sqlite3.Connection, user_id: str) -> UserEntry:
    """Raise the user's version and return the entry."""
    connection.execute(_SET_VERSION, (user_id, _version(connection, user_id) + 1))
    return user(connection, user_id)


def set_version(connection: sqlite3.Connection, user_id: str, version: int, expected: int) -> bool:
    """Set the user's version if it is still `expected`."""
    if _version(connection, user_id) != expected:
        return False
    connection.execute(_SET_VERSION, (user_id, version))
    return True


def sweep(connection: sqlite3.Connection, before: float, limit: int) -> int:
    """Delete at most `limit` sessions that ended or expired before `before`."""
    return connection.execute(_SWEEP, (before, limit)).rowcount


def scan(connection: sqlite3.Connection, after: str, limit: int) -> list[Record | Tombstone]:
    """Return at most `limit` rows with ids greater than `after`, in order; skips corrupt ones."""
    found: list[Record | Tombstone] = []
    for (id,) in connection.execute(_AFTER, (after,)):
        if len(found) == limit:
            break
        try:
            row = load(connection, _text(id))
        except CorruptRecord:
            continue
        if row is not None:
            found.append(row)
    return found


def adopt(connection: sqlite3.Connection, rows: Iterable[Record | Tombstone]) -> None:
    """Store each row that supersedes what is there; a row that cannot be read has to be ended first."""
    for row in rows:
        present = load(connection, row.id)
        if supersedes(row, present):
            connection.execute(_UPDATE if present else _INSERT, to_row(row))
            note(connection, row.id)


def hand_over(connection: sqlite3.Connection, id: str, rev: int, at: float) -> bool:
    """Replace a record by a tombstone `moved` if its revision is still `rev`."""
    row = load(connection, id)
    if not isinstance(row, Record) or row.rev != rev:
        return False
    return _end(connection, Ending(id, Reason.MOVED, at))


def _version(connection: sqlite3.Connection, user_id: str) -> int:
    row = connection.execute(_VERSION, (user_id,)).fetchone()
    return row[0] if row else 0


def _unexpired(connection: sqlite3.Connection, user_id: str, now: float) -> list[str]:
    rows = connection.execute(_OF_USER, (user_id,)).fetchall()
    return [_text(id) for id, expires_at in rows if expires_at >= now]


def _text(id: bytes) -> str:
    return id.decode(errors="replace")
