"""A record as a row of the table, and back; a row that makes no sense is never believed."""

from typing import Any

import msgspec

from coatcheck.core import codec
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.record import Record, Tombstone

Values = tuple[Any, ...]

_encode = msgspec.msgpack.Encoder().encode
_record = msgspec.msgpack.Decoder(Record).decode
_tombstone = msgspec.msgpack.Decoder(Tombstone).decode


def to_row(row: Record | Tombstone) -> Values:
    """Return the values of `record`, `user_id`, `created_at`, `ended_at`, `expires_at` and `id`.

    What ended is no longer among its user's sessions; it is due for the sweeper from its end.
    """
    if isinstance(row, Tombstone):
        return (_encode(row), None, None, row.at, row.at, row.id)
    return (_encode(row), row.user_id, row.created_at, None, row.expires_at, row.id)


def from_row(id: str, encoded: Any, ended_at: object) -> Record | Tombstone:
    """Build the record, or the tombstone.

    Raises:
        CorruptRecord: It is cut short, has a value of the wrong type or shape, or is another's row.
    """
    try:
        row = _record(encoded) if ended_at is None else _tombstone(encoded)
    except (msgspec.MsgspecError, UnicodeError, TypeError) as error:
        raise CorruptRecord(f"session {id} cannot be read: {error}") from error
    if row.id != id:
        raise CorruptRecord(f"under session {id} stands the row of another")
    if isinstance(row, Record):
        codec.require_object(row.data)
    return row
