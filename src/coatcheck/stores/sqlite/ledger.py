"""The audit ledger in SQL: plain functions over a connection."""

import sqlite3
from collections.abc import Sequence

from coatcheck.core.errors import ChainForked
from coatcheck.core.ledger import Entry, Search

_COLUMNS = "chain, seq, digest, text, name, at, session_id, user_id, place"
_INSERT = """
    INSERT INTO coatcheck_ledger (chain, seq, digest, text, name, at, session_id, user_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_FIND = f"SELECT {_COLUMNS} FROM coatcheck_ledger WHERE"  # noqa: S608 - our own columns
_CHAIN = f"{_FIND} chain = ? AND seq > ? ORDER BY seq LIMIT ?"
_HEAD = f"{_FIND} chain = ? ORDER BY seq DESC LIMIT 1"
_NEXT_CHAIN = "SELECT min(chain) FROM coatcheck_ledger WHERE chain > ?"
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
        found.append(_from_row(connection.execute(_HEAD, (id,)).fetchone()))
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


def _from_row(row: tuple[str, int, bytes, bytes, str, float, str | None, str | None, int]) -> Entry:
    chain, seq, digest, text, name, at, session_id, user_id, place = row
    # fmt: off
    return Entry(
        chain=chain, seq=seq, digest=digest, text=text, name=name, at=at,
        session_id=session_id, user_id=user_id, place=place,
    )
    # fmt: on
