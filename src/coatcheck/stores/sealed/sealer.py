"""Sealing what the store keeps: AES-256-GCM, bound to its place, under keys that can be replaced.

    version (1) | key (4) | nonce (12) | ciphertext and tag

The first key seals, every key opens. What is sealed for one place opens in no other: the place is
part of the key and of what the tag covers. Each place has a key of its own, so the 2**32 messages
that random nonces allow under one key (NIST SP 800-38D 8.3) count for each place alone.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.strength import GENERATE, read_secret, require_random

KEY_BYTES = 32
NAME_BYTES = 4
NONCE_BYTES = 12
VERSION = b"\x01"  # a box is as much larger than what is in it as `core.ciphertext` counts
_HEAD = len(VERSION) + NAME_BYTES


class Sealer:
    """Seals and opens small values.

    Args:
        keys: 32 random bytes each, the newest first. Keep an old one until nothing is sealed with it.
        entropy: Draws the nonces.

    Raises:
        ConfigurationError: There is no key, or one that is no good.
    """

    def __init__(self, keys: Sequence[bytes], entropy: Entropy | None = None) -> None:
        for key in keys:
            require_random(key, "an encryption key")
            if len(key) != KEY_BYTES:
                raise ConfigurationError(f"an encryption key has {len(key)} bytes, not 32", remedy=GENERATE)
        if not keys:
            raise ConfigurationError("there is no encryption key", remedy=GENERATE)
        self._keys = {_name(key): key for key in keys}
        self._current = _name(keys[0])
        self._entropy = entropy or SystemEntropy()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read keys in base64url, separated by commas, the newest first."""
        return cls([read_secret(part, "an encryption key") for part in text.split(",") if part.strip()])

    def seal(self, plain: bytes, place: str) -> bytes:
        """Return the value sealed for one place, such as a session's id."""
        nonce = self._entropy.token_bytes(NONCE_BYTES)
        sealed = _cipher(self._keys[self._current], place).encrypt(nonce, plain, place.encode())
        return VERSION + self._current + nonce + sealed

    def open(self, sealed: bytes, place: str) -> bytes | None:
        """Return the value; None if it was sealed with another key, for another place, or was changed."""
        if not self.knows(sealed):
            return None
        key = self._keys[sealed[len(VERSION) : _HEAD]]
        nonce, box = sealed[_HEAD : _HEAD + NONCE_BYTES], sealed[_HEAD + NONCE_BYTES :]
        try:
            return _cipher(key, place).decrypt(nonce, box, place.encode())
        except (InvalidTag, ValueError):  # ValueError: cut short
            return None

    def knows(self, sealed: bytes) -> bool:
        """Tell whether it says to be sealed with one of the keys."""
        return sealed[: len(VERSION)] == VERSION and sealed[len(VERSION) : _HEAD] in self._keys

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether the newest key sealed it."""
        return sealed[:_HEAD] == VERSION + self._current

    def __repr__(self) -> str:
        return f"<Sealer with {len(self._keys)} keys>"


def _name(key: bytes) -> bytes:
    """Return what tells keys apart, and tells nothing about them."""
    return sha256(b"coatcheck key name " + key).digest()[:NAME_BYTES]


def _cipher(key: bytes, place: str) -> AESGCM:
    return AESGCM(hmac.digest(key, b"coatcheck seal " + place.encode(), "sha256"))
