"""Changes to a record, key by key, so that two writers of different keys both win."""

from collections.abc import Mapping
from typing import Any, TypeGuard

import msgspec

from coatcheck.core import codec
from coatcheck.core.chain import Chain
from coatcheck.core.errors import StaleData
from coatcheck.core.grant import Grants
from coatcheck.core.identity import Identity
from coatcheck.core.record import Record

Number = int | float


class DataChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a request did to session data; the keys of the three parts never overlap.

    Attributes:
        sets: Key to its new, encoded value.
        deletes: Keys that are gone.
        increments: Key to what is added to whatever is stored by then.
        given: Key to the encoded value that must be stored (None: no value) for the change to be made at all.
    """

    sets: dict[str, bytes] = {}
    deletes: frozenset[str] = frozenset()
    increments: dict[str, Number] = {}
    given: dict[str, bytes | None] = {}

    def __bool__(self) -> bool:
        return bool(self.sets or self.deletes or self.increments or self.given)


NO_DATA_CHANGE = DataChange()


class Elevation(msgspec.Struct, frozen=True, kw_only=True):
    """The fruit of authenticating again.

    Attributes:
        at: When, in seconds since the epoch.
        amr: How (RFC 8176).
        absolute_at: The new absolute deadline, in seconds since the epoch.
    """

    at: float
    amr: tuple[str, ...]
    absolute_at: float


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """A move of the chain; applied only while `expected` is still the current digest.

    Attributes:
        expected: Digest the writer saw as current.
        chain: The chain after the move.
        authenticated: What re-authentication adds; None for a plain rotation.
    """

    expected: bytes
    chain: Chain
    authenticated: Elevation | None = None


class Regrant(msgspec.Struct, frozen=True):
    """A move of the grants; applied only while `expected` is what is stored.

    Attributes:
        grants: The grants after the move.
        expected: The grants the writer saw; None replaces them whatever they are.
    """

    grants: Grants
    expected: Grants | None = None


NO_GRANTS = Regrant(())


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one request wants of a record, in one write.

    Attributes:
        data: Changes to session data.
        commit: A move of the token chain, with its compare-and-set.
        identity: The account's new facts; when and how the user authenticated stays as stored.
        seen_at: Activity, in seconds since the epoch.
        grants: A move of the refresh tokens, with its compare-and-set.
    """

    data: DataChange = DataChange()
    commit: Commit | None = None
    identity: Identity | None = None
    seen_at: float | None = None
    grants: Regrant | None = None

    def __bool__(self) -> bool:
        return bool(
            self.data or self.commit or self.identity or self.seen_at is not None or self.grants is not None
        )


def is_number(value: object) -> TypeGuard[Number]:
    """Tell whether an increment counts on from this value; True and False are no numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def diff(stored: bytes, now: Mapping[str, Any], increments: Mapping[str, Number]) -> DataChange:
    """Find what changed between the stored data and the mapping a handler leaves, nested values too.

    Raises:
        DataNotSerializable: A new key or value is not JSON.
        CorruptRecord: What is stored is not a JSON object.
    """
    if not increments and codec.holds(stored, now):
        return NO_DATA_CHANGE
    before = codec.split(stored)
    deletes = frozenset(before.keys() - now.keys() - increments.keys())
    sets = {}
    for key, value in now.items():
        if key in increments:
            continue
        encoded = codec.encode_value(value)
        if key not in before or (before[key] != encoded and not _same(before[key], encoded)):
            sets[key] = encoded
    for key in (*sets, *increments):
        codec.require_key(key)
    return DataChange(sets=sets, deletes=deletes, increments=dict(increments))


def apply(record: Record, change: Change) -> Record:
    """Apply a change to the current record; a move that lost its race leaves what it would move alone.

    Raises:
        StaleData: Other data are stored than the change is given.
        DataTooLarge: The result exceeds the limit.
        DataNotSerializable: A sum is no finite number.
        CorruptRecord: What is stored is not a JSON object.
    """
    data, chain = record.data, record.chain
    identity, absolute_at = record.identity, record.absolute_at
    if change.data:
        data = merge(data, change.data)
    if change.identity and identity:
        identity = change.identity.authenticated(identity.auth_time, identity.amr)
        chain = msgspec.structs.replace(chain, due=True)
    if change.commit and change.commit.expected == record.chain.digest:
        chain = change.commit.chain
        if (elevation := change.commit.authenticated) and identity:
            identity = identity.authenticated(elevation.at, elevation.amr)
            absolute_at = elevation.absolute_at
    regrant, grants = change.grants, record.grants
    if regrant is not None and regrant.expected in (None, grants):
        grants = regrant.grants
    seen = record.touched(change.seen_at) if change.seen_at is not None else None
    return msgspec.structs.replace(
        record,
        rev=record.rev + 1,
        data=data,
        chain=chain,
        identity=identity,
        absolute_at=absolute_at,
        grants=grants,
        last_seen_at=seen.last_seen_at if seen else record.last_seen_at,
    )


def merge(stored: bytes, change: DataChange) -> bytes:
    """Apply per-key changes to stored data.

    Raises:
        StaleData: Other data are stored than the change is given.
        DataTooLarge: The result exceeds the limit.
        DataNotSerializable: A sum is no finite number.
        CorruptRecord: What is stored is not a JSON object.
    """
    parts = codec.split(stored)
    for key, value in change.given.items():
        if parts.get(key) != value:
            raise StaleData(f"another value is stored under {key!r}")
    for key in change.deletes:
        parts.pop(key, None)
    parts.update(change.sets)
    for key, step in change.increments.items():
        parts[key] = codec.encode_value(_number(parts.get(key)) + step)
    return codec.join(parts)


def _number(encoded: bytes | None) -> Number:
    value = codec.decode_value(encoded) if encoded is not None else 0
    return value if is_number(value) else 0


def _same(left: bytes, right: bytes) -> bool:
    """Tell whether two encodings differ in form only, as a database's own JSON type may make them."""
    return _canonical(left) == _canonical(right)


def _canonical(encoded: bytes) -> bytes:
    return msgspec.json.encode(codec.decode_value(encoded), order="sorted")
