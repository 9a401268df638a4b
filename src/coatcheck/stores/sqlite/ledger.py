"""The audit ledger in SQL: plain functions over a connection."""

import sqlite3
from collections.abc import Sequence

from coatcheck.core.errors import ChainForked
from coatcheck.core.ledger import Entry, Search

# SQLite keeps whatever type it is given, so somebody's hand may have left any. Each value comes as the type
# that it was written as: what was changed is an entry that does not verify, never one that cannot be read.
_COLUMNS = """
    CAST(chain AS BLOB), CAST(seq AS INTEGER), CAST(digest AS BLOB), CAST(text AS BLOB),
    CAST(name AS BLOB), CAST(at AS REAL), CAST(session_id AS BLOB), CAST(user_id AS BLOB), place
"""
_INSERT = """
    INSERT INTO coatcheck_ledger (chain, seq, digest, text, name, at, session_id, user_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_FIND = f"SELECT {_COLUMNS} FROM coatcheck_ledger WHERE"  # noqa: S608 - our own columns
# What has no number any more is in no chain: the entry behind it tells that it is missing.
_OF_CHAIN = f"{_FIND} chain = ? AND typeof(seq) = 'integer'"
_CHAIN = f"{_OF_CHAIN} AND seq > ? ORDER BY seq LIMIT ?"
_HEAD = f"{_OF_CHAIN} ORDER BY seq DESC LIMIT 1"
_NEXT_CHAIN = "SELECT min(chain) FROM coatcheck_ledger WHERE chain > ? AND chain < x''"  # every text is less
_FORGET = "DELETE FROM coatcheck_ledger WHERE chain = ? AND seq <= ?"

# In the order of the attributes of `Search`, and the place behind them.
_WHERE = ("session_id = ?", "user_id = ?", "name = ?", "at >= ?", "at < ?", "place < ?")


def append(connection: sqlite3.Connection, entries: Sequence[Entry], settled: Sequence[str]) -> None:
    """Store entries, and drop the notes that they settle."""
    try:
        connection.executemany(_INSERT, [_to_row(entry) for entry in entries])
    except sqlite3.IntegrityError as error:
        raise ChainForked(f"chain {entries[0].chain} has one of these entries already") from error
    connection.executemany("DELETE FROM coatcheck_notes WHERE key = ?", [(key,) for key in settled])


def find(connection: sqlite3.Connection, search: Search, before: int | None, limit: int) -> list[Entry]:
    """Return at most `limit` entries in places lower than `before`, the newest first."""
    wanted = (search.session_id, search.user_id, search.name, search.since, search.until, before)
    given = {part: value for part, value in zip(_WHERE, wanted, strict=True) if value is not None}
    where = " AND ".join(given) or "true"
    rows = connection.execute(f"{_FIND} {where} ORDER BY place DESC LIMIT ?", (*given.values(), limit))
    return [_from_row(row) for row in rows]


def chain(connection: sqlite3.Connection, id: str, after: int, limit: int) -> list[Entry]:
    """Return at most `limit` entries of a chain with numbers greater than `after`, in order."""
    return [_from_row(row) for row in connection.execute(_CHAIN, (id, after, limit))]


def heads(connection: sqlite3.Connection) -> list[Entry]:
    """Return the last entry of every chain. It leaps from chain to chain: there are few, and many entries."""
    found: list[Entry] = []
    (id,) = connection.execute(_NEXT_CHAIN, ("",)).fetchone()
    while id is not None:
        found += [_from_row(row) for row in connection.execute(_HEAD, (id,))]
        (id,) = connection.execute(_NEXT_CHAIN, (id,)).fetchone()
    return found


def forget(connection: sqlite3.Connection, id: str, through: int) -> int:
    """Remove the entries of a chain up to a number; return how many."""
    return connection.execute(_FORGET, (id, through)).rowcount


def _to_row(entry: Entry) -> tuple[object, ...]:
    # fmt: off
    return (
        entry.chain, entry.seq, entry.digest, entry.text,
        entry.name, entry.at, entry.session_id, entry.user_id,
    )
    # fmt: on


def _from_row(row: tuple[bytes, int, bytes, bytes, bytes, float, bytes | None, bytes | None, int]) -> Entry:
    chain, seq, digest, text, name, at, session_id, user_id, place = row
    # fmt: off
    return Entry(
        chain=_text(chain), seq=seq, digest=digest, text=text, name=_text(name), at=at,
        session_id=None if session_id is None else _text(session_id),
        user_id=None if user_id is None else _text(user_id), place=place,
    )
    # fmt: on


def _text(value: bytes) -> str:
    return value.decode(errors="backslashreplace")
