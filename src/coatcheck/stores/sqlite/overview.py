"""The verbs of the skill `Overview`, in SQL: plain functions over a connection."""

import sqlite3

import msgspec

from coatcheck.core.device import Device
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.identity import Identity
from coatcheck.core.overview import LOOKED_AT, Page, Place, Sought
from coatcheck.core.record import Record
from coatcheck.stores.sqlite.rows import from_row

# A tombstone is due from its end: so what is due later than now is alive.
_COUNT = "SELECT count(*) FROM coatcheck_sessions WHERE expires_at > ?"
# The index has all that the walk goes by: what expired is passed over without a look at its row.
_NEWEST = """
    SELECT created_at, CAST(id AS BLOB), record FROM coatcheck_sessions
    WHERE created_at IS NOT NULL AND (created_at, id) < (?, ?) AND expires_at > ?
    ORDER BY created_at DESC, id DESC LIMIT ?
"""


class _Face(msgspec.Struct, gc=False):
    """The part of a record that a search looks at; the rest is not decoded."""

    device: Device
    identity: Identity | None = None


_face = msgspec.msgpack.Decoder(_Face).decode


def count_alive(connection: sqlite3.Connection, now: float) -> int:
    """Return how many sessions are due later than `now` (seconds since the epoch)."""
    count: int = connection.execute(_COUNT, (now,)).fetchone()[0]
    return count


def newest(connection: sqlite3.Connection, sought: Sought, place: Place, limit: int) -> Page:
    """Return at most `limit` sessions that began before a place; skips corrupt ones."""
    most = LOOKED_AT if sought.text else limit
    shown: list[Record] = []
    looked_at = 0
    for created_at, id, encoded in connection.execute(
        _NEWEST, (place.created_at, place.id, sought.alive_at, most)
    ):
        place = Place(created_at, id.decode(errors="replace"))
        looked_at += 1
        if record := _wanted(place.id, encoded, sought):
            shown.append(record)
        if len(shown) == limit:
            return Page(tuple(shown), place)
    return Page(tuple(shown), place if looked_at == most else None)


def _wanted(id: str, encoded: bytes, sought: Sought) -> Record | None:
    """Return the record if it is sought and can be read."""
    try:
        if sought.text:
            face = _face(encoded)
            if not sought.occurs_in(face.device, face.identity):
                return None
        row = from_row(id, encoded, None)
    except (CorruptRecord, msgspec.MsgspecError, UnicodeError, TypeError):
        return None
    return row if isinstance(row, Record) else None
