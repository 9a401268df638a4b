"""The verbs that leave notes for the audit ledger, each in the transaction of its change."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress

from coatcheck.core import noting
from coatcheck.core.change import Change
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.ledger import Note
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.store import Cap, Ending
from coatcheck.stores.sqlite import sessions

_NOTE = "INSERT OR IGNORE INTO coatcheck_notes (key, user_id, at) VALUES (?, ?, ?)"
_NOTES = "SELECT key, user_id, at FROM coatcheck_notes ORDER BY rowid LIMIT ?"


def notes(connection: sqlite3.Connection, limit: int) -> list[Note]:
    """Return at most `limit` notes, the oldest first."""
    return [Note(*row) for row in connection.execute(_NOTES, (limit,))]


def create(
    connection: sqlite3.Connection, record: Record, user_version: int, cap: Cap | None
) -> tuple[str, ...]:
    """Do what `sessions.create` does."""
    evicted = sessions.create(connection, record, user_version, cap)
    for id in evicted:
        _note(connection, noting.ended(Ending(id, Reason.EVICTED, record.created_at), record.user_id))
    _note(connection, noting.created(record))
    return evicted


def save(connection: sqlite3.Connection, id: str, change: Change) -> Record | None:
    """Do what `sessions.save` does."""
    saved = sessions.save(connection, id, change)
    if saved and change.commit and saved.chain == change.commit.chain:
        _note(connection, noting.moved_on(id, change, saved.user_id))
    if saved and saved.identity and change.identity:
        _note(connection, noting.updated(saved.identity))
    return saved


def end(connection: sqlite3.Connection, endings: Sequence[Ending]) -> int:
    """Do what `sessions.end` does."""
    return sum(_end(connection, ending) for ending in endings)


def _end(connection: sqlite3.Connection, ending: Ending) -> int:
    user_id = None
    with suppress(CorruptRecord):
        found = sessions.load(connection, ending.id)
        user_id = found.user_id if found else None
    was_alive = sessions.end(connection, [ending])
    if was_alive:
        _note(connection, noting.ended(ending, user_id))
    return was_alive


def _note(connection: sqlite3.Connection, note: Note | None) -> None:
    if note:
        connection.execute(_NOTE, (note.key, note.user_id, note.at))
