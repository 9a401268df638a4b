"""How an encrypted value stands among the session data, and how large it is in the clear.

The core knows the form alone; `stores.sealed` encrypts. Stores merge such values like any others, and
count for the limit on data what they take in the clear.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

from coatcheck.core.errors import CorruptRecord

MARK = "coatcheck:sealed:"  # no value of an application begins so: `codec.encode_value` refuses it
OVERHEAD = 33  # bytes of a box beside the plain value: version 1, name of the key 4, nonce 12, tag 16
_START = b'"' + MARK.encode()
_FRAME = len(_START) + 1  # and the closing quote


def wrap(box: bytes) -> bytes:
    """Return the encoded value that holds a box."""
    return _START + urlsafe_b64encode(box).rstrip(b"=") + b'"'


def unwrap(encoded: bytes) -> bytes | None:
    """Return the box in an encoded value; None if the value is in the clear.

    Raises:
        CorruptRecord: Something was there that is no box.
    """
    if not encoded.startswith(_START):
        return None
    text = encoded[len(_START) : -1]
    try:
        box = urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error as error:
        raise CorruptRecord("an encrypted session value is not base64") from error
    if len(box) < OVERHEAD or wrap(box) != encoded:
        raise CorruptRecord("an encrypted session value was cut or changed")
    return box


def size(encoded: bytes) -> int:
    """Return how many bytes an encoded value takes in the clear."""
    if not encoded.startswith(_START):
        return len(encoded)
    return (len(encoded) - _FRAME) * 3 // 4 - OVERHEAD
