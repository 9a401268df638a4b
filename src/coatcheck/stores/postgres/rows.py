"""A record as a row of the table, and back; a row that makes no sense is never believed."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from coatcheck.core import codec, grant
from coatcheck.core.chain import DIGEST_BYTES, Chain
from coatcheck.core.change import DataChange
from coatcheck.core.device import Device
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.identity import Identity
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.stores import parts

Values = tuple[Any, ...]
Steps = list[list[str | None]]

# In the order in which `to_values` gives them and `to_record` takes them.
COLUMNS = (
    *("id", "rev", "created_at", "last_seen_at", "idle", "absolute_at", "user_id"),
    *("family_digest", "digest", "due", "links", "authentication", "person", "client", "data"),
    "grants",
)
_ENDED_AT = len(COLUMNS) + 1  # behind the reason
_USER_ID, _FAMILY_DIGEST = COLUMNS.index("user_id"), COLUMNS.index("family_digest")


class _Authentication(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """When and how the user authenticated: a demotion leaves it alone, a step-up replaces it."""

    at: float
    amr: tuple[str, ...]


class _Client(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What never changes in the life of a session."""

    ip: str
    user_agent: str
    label: str
    csrf_key: bytes
    remember: bool
    actor: str | None = None


_pack = msgspec.msgpack.Encoder().encode
_authentication = msgspec.msgpack.Decoder(_Authentication).decode
_client = msgspec.msgpack.Decoder(_Client).decode


def to_values(record: Record) -> Values:
    """Return the values of `COLUMNS`.

    Raises:
        CorruptRecord: The record's data are not a JSON object.
    """
    identity = record.identity
    return (
        *(record.id, record.rev, record.created_at, record.last_seen_at, record.idle, record.absolute_at),
        *(record.user_id, *chain_values(record.chain)),
        authentication(identity.auth_time, identity.amr) if identity else None,
        parts.pack_person(identity) if identity else None,
        _pack(_opened(record)),
        [[_text_of(key), part.decode()] for key, part in codec.split(record.data).items()],
        grant.pack(record.grants),
    )


def _opened(record: Record) -> _Client:
    device = record.device
    return _Client(
        *(device.ip, device.user_agent, device.label), *(record.csrf_key, record.remember, record.actor)
    )


def chain_values(chain: Chain) -> Values:
    """Return the values of `family_digest`, `digest`, `due` and `links`."""
    return chain.family_digest, chain.digest, chain.due, parts.pack_links(chain)


def authentication(at: float, amr: tuple[str, ...]) -> bytes:
    """Return the value of `authentication`; `at` in seconds since the epoch."""
    return _pack(_Authentication(at, amr))


def data_changes(change: DataChange) -> Steps:
    """Return what `coatcheck_merge` takes: each key with what to do, and the value.

    Raises:
        DataNotSerializable: A step is no finite number.
    """
    steps: Steps = [[_text_of(key), "-", ""] for key in change.deletes]
    steps += ([_text_of(key), "=", value.decode()] for key, value in change.sets.items())
    steps += (
        [_text_of(key), "+", codec.encode_value(step).decode()] for key, step in change.increments.items()
    )
    steps += (
        [_text_of(key), "?", None if value is None else value.decode()] for key, value in change.given.items()
    )
    return steps


def from_row(row: Sequence[Any]) -> Record | Tombstone:
    """Build a record, or its tombstone, from the values of `COLUMNS`, `reason` and `ended_at`.

    Raises:
        CorruptRecord: A value is cut short, or of the wrong type or shape.
    """
    return to_record(row) if row[_ENDED_AT] is None else _tombstone(row)


def to_record(row: Sequence[Any]) -> Record:
    """Build a record from the values of `COLUMNS`, which come first in `row`; raises like `from_row`."""
    try:
        record = _record(row[: len(COLUMNS)])
    except (msgspec.MsgspecError, UnicodeError, TypeError, ValueError) as error:
        raise CorruptRecord(f"session {row[0]} cannot be read: {error}") from error
    codec.require_object(record.data)
    return record


def _tombstone(row: Sequence[Any]) -> Tombstone:
    *_, reason, ended_at = row
    try:
        why = Reason(reason)
    except ValueError as error:
        raise CorruptRecord(f"session {row[0]} ended for an unknown reason") from error
    return Tombstone(
        id=row[0],
        reason=why,
        at=ended_at,
        user_id=row[_USER_ID],
        family_digest=row[_FAMILY_DIGEST] or b"",
    )


def _record(values: Sequence[Any]) -> Record:
    # fmt: off
    (
        id, rev, created_at, last_seen_at, idle, absolute_at, user_id,
        family_digest, digest, due, links, authentication, person, client, data, grants,
    ) = values
    # fmt: on
    if len(family_digest) != DIGEST_BYTES or len(digest) != DIGEST_BYTES:
        raise ValueError("a digest lost its end")
    opened = _client(client)
    return Record(
        id=id,
        rev=rev,
        chain=parts.chain(links, digest=digest, family_digest=family_digest, due=due),
        identity=_identity(user_id, person, authentication),
        device=Device(ip=opened.ip, user_agent=opened.user_agent, label=opened.label),
        csrf_key=opened.csrf_key,
        created_at=created_at,
        last_seen_at=last_seen_at,
        idle=idle,
        absolute_at=absolute_at,
        remember=opened.remember,
        data=_join(data),
        grants=grant.unpack(grants),
        actor=opened.actor,
    )


def _identity(user_id: str | None, person: bytes | None, authentication: bytes | None) -> Identity | None:
    if user_id is None or person is None or authentication is None:
        return None
    proof = _authentication(authentication)
    return parts.identity(user_id, person, proof.at, proof.amr)


def _join(pairs: Iterable[Sequence[str]]) -> bytes:
    return ("{" + ",".join([f'"{key}":{value}' for key, value in pairs]) + "}").encode()


def _text_of(key: str) -> str:
    """Return a key as it stands in JSON, without its quotes."""
    return msgspec.json.encode(key)[1:-1].decode()
