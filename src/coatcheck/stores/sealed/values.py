"""The values of a session's data, sealed each for its session and its key, and opened again.

The names of the keys stay as they are, so that stores can merge what they cannot read.
"""

from collections.abc import Mapping

import msgspec

from coatcheck.core import ciphertext, codec
from coatcheck.core.errors import CorruptRecord, KeyMissing
from coatcheck.core.record import EMPTY_DATA, Record
from coatcheck.stores.sealed.sealer import Sealer


def seal(sealer: Sealer, id: str, values: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the encoded values of a session, sealed."""
    return {key: ciphertext.wrap(sealer.seal(value, _place(id, key))) for key, value in values.items()}


def unseal(sealer: Sealer, id: str, stored: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the encoded values of a session as they were; what was never sealed stays as it is.

    Raises:
        KeyMissing: A value is sealed with a key that is not here.
        CorruptRecord: A value was changed, or sealed for another session or another key.
    """
    values = _opened(sealer, id, stored)
    if any(ciphertext.unwrap(value) is not None for value in values.values()):
        raise KeyMissing(f"data of session {id} are sealed with a key that is not here")
    return values


def seal_record(sealer: Sealer, record: Record) -> Record:
    """Return a record with its data sealed."""
    if record.data == EMPTY_DATA:
        return record
    sealed = seal(sealer, record.id, codec.split(record.data))
    return msgspec.structs.replace(record, data=codec.join(sealed))


def unseal_record(sealer: Sealer, record: Record) -> Record:
    """Return a record with its data in the clear. What no key here opens stays sealed.

    So a session is judged, listed and ended without its data; `codec.decode` tells whoever looks at them.

    Raises:
        CorruptRecord: A value was changed, or sealed for another session or another key.
    """
    if record.data == EMPTY_DATA:
        return record
    values = _opened(sealer, record.id, codec.split(record.data))
    return msgspec.structs.replace(record, data=codec.join(values))


def outdated(sealer: Sealer, record: Record) -> dict[str, bytes]:
    """Return those stored values of a record that the newest key has not sealed.

    Raises:
        CorruptRecord: A value was changed.
    """
    stored = codec.split(record.data)
    boxes = {key: ciphertext.unwrap(value) for key, value in stored.items()}
    return {key: stored[key] for key, box in boxes.items() if box is None or not sealer.is_current(box)}


def _opened(sealer: Sealer, id: str, stored: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the values as they were, those in the clear and those that no key here opens as they are."""
    values = dict(stored)
    for key, value in stored.items():
        if (box := ciphertext.unwrap(value)) is None:
            continue
        if (plain := sealer.open(box, _place(id, key))) is not None:
            values[key] = plain
        elif sealer.knows(box):
            raise CorruptRecord(f"data of session {id} were changed, or sealed for another place")
    return values


def _place(id: str, key: str) -> str:
    return f"session {id} {key}"
