"""A record as a row of the table, and back; a row that makes no sense is never believed."""

from itertools import product
from typing import Any

import msgspec

from coatcheck.core import codec
from coatcheck.core.chain import Chain
from coatcheck.core.device import Device
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.identity import Identity
from coatcheck.core.record import Record, Tombstone

Values = tuple[Any, ...]

COLUMNS = (
    "rev",
    "family_digest",
    "generation",
    "digest",
    "previous_digest",
    "next_digest",
    "next_key",
    "committed_at",
    "barrier",
    "due",
    "identity",
    "device",
    "csrf_key",
    "created_at",
    "last_seen_at",
    "idle",
    "absolute_at",
    "remember",
    "data",
    "user_id",
)
KEPT_IN_TOMBSTONE = frozenset({"family_digest", "user_id"})
SELECTED = f"{', '.join(COLUMNS)}, reason, ended_at"

_DIGEST_BYTES = 32
_OPTIONAL_BYTES = (bytes, type(None))
# One lookup tells whether all columns have their types: a tuple of types is compared at C speed.
_NOBODY = (type(None), type(None))
_SOMEBODY = (str, str)
_LIVE = frozenset(
    (
        *(int, bytes, int, bytes, previous, bytes, bytes, float, int, int),  # rev, then the chain
        *(identity, str, bytes),  # identity, device, csrf_key
        *(float, float, float, float, int),  # the deadlines, remember
        *(bytes, user_id, type(None), type(None)),  # data, then whose, and not ended
    )
    for previous, (identity, user_id) in product(_OPTIONAL_BYTES, (_NOBODY, _SOMEBODY))
)

_encode = msgspec.json.Encoder().encode
_identity = msgspec.json.Decoder(Identity).decode
_device = msgspec.json.Decoder(Device).decode


def to_row(record: Record) -> Values:
    """Return the values of `COLUMNS`."""
    chain, identity = record.chain, record.identity
    return (
        record.rev,
        chain.family_digest,
        chain.generation,
        chain.digest,
        chain.previous_digest,
        chain.next_digest,
        chain.next_key,
        chain.committed_at,
        chain.barrier,
        chain.due,
        _encode(identity).decode() if identity else None,
        _encode(record.device).decode(),
        record.csrf_key,
        record.created_at,
        record.last_seen_at,
        record.idle,
        record.absolute_at,
        record.remember,
        record.data,
        record.user_id,
    )


def from_row(id: str, row: Values) -> Record | Tombstone:
    """Build the record, or the tombstone, from the values of `SELECTED`.

    Raises:
        CorruptRecord: A value has the wrong type, is cut short, or is not JSON.
    """
    if row[-1] is not None:
        return _tombstone(id, row)
    if tuple(map(type, row)) not in _LIVE:
        raise CorruptRecord(f"session {id} has values of the wrong type")
    (rev, family, generation, digest, previous, successor, next_key, committed_at, barrier, due, *rest) = row
    (identity, device, csrf_key, created_at, last_seen_at, idle, absolute_at, remember, data, *_) = rest
    if not len(family) == len(digest) == len(successor) == _DIGEST_BYTES:
        raise CorruptRecord(f"session {id} has a digest that is cut short")
    try:
        codec.decode(data)
        return Record(
            id=id,
            rev=rev,
            chain=Chain(
                family_digest=family,
                generation=generation,
                digest=digest,
                previous_digest=previous,
                next_digest=successor,
                next_key=next_key,
                committed_at=committed_at,
                barrier=barrier,
                due=due != 0,
            ),
            identity=_identity(identity) if identity is not None else None,
            device=_device(device),
            csrf_key=csrf_key,
            created_at=created_at,
            last_seen_at=last_seen_at,
            idle=idle,
            absolute_at=absolute_at,
            remember=remember != 0,
            data=data,
        )
    except (msgspec.MsgspecError, UnicodeError, CorruptRecord) as error:
        raise CorruptRecord(f"session {id} holds what is not JSON") from error


def _tombstone(id: str, row: Values) -> Tombstone:
    named = dict(zip(COLUMNS, row, strict=False))
    values = {
        "id": id,
        "reason": row[-2],
        "at": row[-1],
        "user_id": named["user_id"],
        "family_digest": named["family_digest"],
    }
    try:
        return msgspec.convert(values, Tombstone, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise CorruptRecord(f"the tombstone of session {id} cannot be read: {error}") from error
