"""The key ring as a row of the store holds it, the private parts sealed or in the clear."""

import logging

import msgspec

from coatcheck.core.errors import ConfigurationError
from coatcheck.stores.sealed import Sealer
from coatcheck.tokens.key import read_key
from coatcheck.tokens.ring import RingKey

_log = logging.getLogger("coatcheck")

ROW = "keys:access"

Entries = tuple[RingKey, ...]


class _StoredKey(msgspec.Struct, frozen=True):
    """A key as the row holds it: `private` is a JWK, or what a `Sealer` made of one."""

    kid: str
    created_at: float
    signs_from: float
    private: bytes
    sealed: bool

    def __repr__(self) -> str:
        return f"<_StoredKey {self.kid}>"


_read = msgspec.json.Decoder(list[_StoredKey]).decode


class RingForm:
    """Writes and reads the row.

    Args:
        sealer: Encrypts the private parts; with one, a key that lies in the clear is not used.
    """

    def __init__(self, sealer: Sealer | None) -> None:
        self._sealer = sealer

    def encode(self, entries: Entries) -> bytes:
        """Return the row of a ring, sealed with the newest key."""
        return msgspec.json.encode([self._seal(entry) for entry in entries])

    def decode(self, row: bytes) -> Entries:
        """Return the ring of a row.

        Raises:
            ConfigurationError: It is damaged, or sealed with a key that is not here.
        """
        return tuple(self._open(stored) for stored in _stored(row) if self._may_use(stored))

    def is_current(self, row: bytes) -> bool:
        """Tell whether nothing in a row is sealed with an older key; what lies in the clear is not."""
        sealed = [stored.private for stored in _stored(row) if stored.sealed]
        return self._sealer is None or all(map(self._sealer.is_current, sealed))

    def _seal(self, entry: RingKey) -> _StoredKey:
        kid, private = entry.key.kid, entry.key.private_jwk()
        if self._sealer is not None:
            private = self._sealer.seal(private, _place(kid))
        return _StoredKey(kid, entry.created_at, entry.signs_from, private, self._sealer is not None)

    def _may_use(self, stored: _StoredKey) -> bool:
        usable = stored.sealed or self._sealer is None
        if not usable:
            _log.warning("key %s lies unsealed in the store and is not used", stored.kid)
        return usable

    def _open(self, stored: _StoredKey) -> RingKey:
        private: bytes | None = stored.private
        if stored.sealed:
            private = self._sealer.open(stored.private, _place(stored.kid)) if self._sealer else None
        if private is None:
            raise ConfigurationError(
                f"key {stored.kid} is sealed with an encryption key that is not here",
                remedy="Give the one it was sealed with; put it behind the new one where they are rotated",
            )
        key = read_key(private)
        if key.kid != stored.kid:
            raise ConfigurationError(f"under {stored.kid} stands another key", remedy=f"Delete the row {ROW}")
        return RingKey(key, stored.created_at, stored.signs_from)


def _stored(row: bytes) -> list[_StoredKey]:
    try:
        return _read(row)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise ConfigurationError(
            "the key ring in the store cannot be read", remedy=f"Delete the row {ROW}: a new one is made"
        ) from error


def _place(kid: str) -> str:
    return f"key {kid}"
