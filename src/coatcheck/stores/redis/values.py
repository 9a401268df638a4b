"""A record as the value of a key, and back; a value that makes no sense is never believed.

The scripts read and write the fixed numbers and digests at its start, and move the parts behind them as
they are. `lua/session.lua` knows the same layout.
"""

import struct
from collections.abc import Callable
from typing import TypeVar

import msgspec

from coatcheck.core import codec, grant
from coatcheck.core.device import Device
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.stores import parts

_RECORD, _TOMBSTONE = b"R", b"T"
# Kind, whether rotation is due, rev, last seen, idle, absolute, authenticated; two digests; eight lengths.
_HEADER = struct.Struct("<c?ddddd32s32s8I")
_ENDED = struct.Struct("<cd3I")
_PAIR = struct.Struct("<2I")

RowT = TypeVar("RowT")


class _Fixed(msgspec.Struct, array_like=True, gc=False):
    """What never changes."""

    id: str
    ip: str
    user_agent: str
    label: str
    csrf_key: bytes
    created_at: float
    remember: bool
    actor: str | None = None


_encode = msgspec.msgpack.Encoder().encode
_encode_key = msgspec.json.Encoder().encode
_fixed = msgspec.msgpack.Decoder(_Fixed)
_amr = msgspec.msgpack.Decoder(tuple[str, ...])


def to_value(row: Record | Tombstone) -> bytes:
    """Return the value of a record, or of a tombstone.

    Raises:
        CorruptRecord: The record's data is not one JSON object.
    """
    return _of_record(row) if isinstance(row, Record) else _of_tombstone(row)


def due(row: Record | Tombstone) -> float:
    """Return the moment from which it is over, in seconds since the epoch."""
    return row.expires_at if isinstance(row, Record) else row.at


def _of_tombstone(row: Tombstone) -> bytes:
    kept = ((row.user_id or "").encode(), row.family_digest, row.reason.encode())
    return _ENDED.pack(_TOMBSTONE, row.at, *map(len, kept)) + b"".join(kept)


def _of_record(record: Record) -> bytes:
    chain, identity = record.chain, record.identity
    entries = codec.split(record.data)
    fixed = _Fixed(
        *(record.id, record.device.ip, record.device.user_agent, record.device.label),
        *(record.csrf_key, record.created_at, record.remember, record.actor),
    )
    kept = (
        identity.user_id.encode() if identity else b"",
        parts.pack_person(identity) if identity else b"",
        amr(identity.amr) if identity else b"",
        parts.pack_links(chain),
        _encode(fixed),
        b"".join(_PAIR.pack(len(json_key(key)), len(value)) for key, value in entries.items()),
        codec.join(entries),
        grant.pack(record.grants),
    )
    header = _HEADER.pack(
        _RECORD,
        chain.due,
        record.rev,
        record.last_seen_at,
        record.idle,
        record.absolute_at,
        identity.auth_time if identity else 0.0,
        chain.digest,
        chain.family_digest,
        *map(len, kept),
    )
    return header + b"".join(kept)


def from_value(id: str, value: bytes) -> Record | Tombstone:
    """Build the record, or the tombstone.

    Raises:
        CorruptRecord: It is cut short, has a part of the wrong type or shape, or is another's.
    """
    return _read(id, value, _tombstone) if value[:1] == _TOMBSTONE else _read(id, value, _record)


def record(id: str, value: bytes) -> Record:
    """Build what must be a record.

    Raises:
        CorruptRecord: It is none, or cannot be read.
    """
    return _read(id, value, _record)


def _read(id: str, value: bytes, build: Callable[[str, bytes], RowT]) -> RowT:
    try:
        return build(id, value)
    except (msgspec.MsgspecError, ValueError, struct.error) as error:
        raise CorruptRecord(f"session {id} cannot be read: {error}") from error


def amr(methods: tuple[str, ...]) -> bytes:
    """Return how the user authenticated."""
    return _encode(methods)


def json_key(key: str) -> bytes:
    """Return a key of the session data as it stands in the data."""
    return _encode_key(key)


def _record(id: str, value: bytes) -> Record:
    kind, due, rev, seen, idle, absolute, auth, digest, family, *lengths = _HEADER.unpack_from(value)
    if kind != _RECORD or _HEADER.size + sum(lengths) != len(value) or not rev.is_integer():
        raise ValueError("its parts do not fit together")
    user, facts, amr, links, fixed, _, data, grants = _cut(value, _HEADER.size, lengths)
    known = _fixed.decode(fixed)
    if known.id != id:
        raise ValueError("it is the row of another")
    codec.require_object(data)
    return Record(
        id=id,
        rev=int(rev),
        chain=parts.chain(links, digest=digest, family_digest=family, due=due),
        identity=parts.identity(user.decode(), facts, auth, _amr.decode(amr)) if facts else None,
        device=Device(ip=known.ip, user_agent=known.user_agent, label=known.label),
        csrf_key=known.csrf_key,
        created_at=known.created_at,
        last_seen_at=seen,
        idle=idle,
        absolute_at=absolute,
        remember=known.remember,
        data=data,
        grants=grant.unpack(grants),
        actor=known.actor,
    )


def _tombstone(id: str, value: bytes) -> Tombstone:
    _, at, *lengths = _ENDED.unpack_from(value)
    if _ENDED.size + sum(lengths) != len(value):
        raise ValueError("its parts do not fit together")
    user, family, reason = _cut(value, _ENDED.size, lengths)
    return Tombstone(
        id=id,
        reason=Reason(reason.decode()),
        at=at,
        user_id=user.decode() or None,
        family_digest=family,
    )


def _cut(value: bytes, start: int, lengths: list[int]) -> list[bytes]:
    """Return the parts that stand behind the header."""
    found = []
    for length in lengths:
        found.append(value[start : start + length])
        start += length
    return found
