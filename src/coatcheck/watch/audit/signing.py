"""Signatures (Ed25519) under what the ledger says of itself: whoever writes the database has not the key."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from coatcheck.core.errors import ConfigurationError
from coatcheck.watch.audit.chain import canonical

_SIGNATURE = ("key", "signature")

_GENERATE = "openssl genpkey -algorithm ed25519 -out audit.pem"
_PUBLISH = "openssl pkey -in audit.pem -pubout -out audit.pub"


class SigningKey:
    """A private key; its `repr` says only which.

    Args:
        key: The key.
        former: Public keys of those before it, whose signatures are still believed.

    Attributes:
        id: Which key it is: 16 hexadecimal characters.
    """

    def __init__(self, key: Ed25519PrivateKey, *former: Ed25519PublicKey) -> None:
        self._key = key
        self._believed = PublicKeys(key.public_key(), *former)
        self.id = _id(key.public_key())

    def __repr__(self) -> str:
        return f"<SigningKey {self.id}>"

    @classmethod
    def read(cls, path: Path, *former: Path) -> "SigningKey":
        """Read a key in PEM, without a passphrase, and the public keys of those before it.

        Raises:
            ConfigurationError: There is none in the file.
        """
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except OSError as error:
            raise _missing(path, error) from error
        except (ValueError, TypeError) as error:
            raise _unreadable(path, _GENERATE) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise _unreadable(path, _GENERATE)
        return cls(key, *(_read_public(each) for each in former))

    def have_signed(self, body: Mapping[str, Any]) -> bool:
        """Tell whether it has signed a body, or one before it."""
        return self._believed.have_signed(body)

    def sign(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a body with its signature."""
        signed = body | {"key": self.id}
        return signed | {"signature": base64.b64encode(self._key.sign(canonical(signed))).decode()}


class PublicKeys:
    """The keys that may have signed.

    Args:
        keys: Public keys.
    """

    def __init__(self, *keys: Ed25519PublicKey) -> None:
        self._keys = {_id(key): key for key in keys}

    @classmethod
    def read(cls, *paths: Path) -> "PublicKeys":
        """Read keys in PEM.

        Raises:
            ConfigurationError: There is none in a file.
        """
        return cls(*(_read_public(path) for path in paths))

    def have_signed(self, body: Mapping[str, Any]) -> bool:
        """Tell whether one of them has signed a body."""
        key, signature = (body.get(part) for part in _SIGNATURE)
        if not isinstance(key, str) or not isinstance(signature, str) or key not in self._keys:
            return False
        text = canonical({name: value for name, value in body.items() if name != "signature"})
        try:
            self._keys[key].verify(base64.b64decode(signature, validate=True), text)
        except (InvalidSignature, ValueError):
            return False
        return True


def _read_public(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise _missing(path, error) from error
    except ValueError as error:
        raise _unreadable(path, _PUBLISH) from error
    if not isinstance(key, Ed25519PublicKey):
        raise _unreadable(path, _PUBLISH)
    return key


def _id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _missing(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"{path} cannot be read: {error.strerror}", remedy="Name the file of the key")


def _unreadable(path: Path, command: str) -> ConfigurationError:
    return ConfigurationError(f"there is no Ed25519 key in {path}", remedy=f"Make one with {command}")
