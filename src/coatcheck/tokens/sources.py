"""Where keys come from: the contract, and the source that reads them once from files or texts."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Protocol, Self

from coatcheck.core.errors import ConfigurationError
from coatcheck.tokens.key import Jwk, Key, read_key, shared_secret

_ORDER = "Give the private key that signs first; others only verify"


class Keys(Protocol):
    """What signs access tokens and what verifies them. Every verb may raise `StoreUnavailable`."""

    async def signer(self) -> Key:
        """Return the key that signs now."""
        ...  # pragma: no cover

    async def find(self, kid: str) -> Key | None:
        """Return the key of an id, if its tokens count."""
        ...  # pragma: no cover

    async def public(self) -> list[Jwk]:
        """Return what is published: a JWK for each key that verifies, or soon will."""
        ...  # pragma: no cover


class FixedKeys:
    """Keys that are configured. The first signs; the others verify what they signed, or soon will sign.

    To replace a key without a gap: put the new one second and deploy; an hour later put it first; an
    hour later leave the old one out.

    Args:
        keys: At least one.

    Raises:
        ConfigurationError: There is none that signs, or a shared secret among others.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        if not keys or not keys[0].can_sign:
            raise ConfigurationError("there is no key that signs", remedy=_ORDER)
        if len(keys) > 1 and any(key.is_shared for key in keys):
            raise ConfigurationError(
                "a shared secret stands beside other keys",
                remedy="Use it alone, or better ES256 keys (RFC 8725 3.1)",
            )
        self._signer = keys[0]
        self._keys = {key.kid: key for key in keys}

    @classmethod
    def from_files(cls, *paths: str | PathLike[str]) -> Self:
        """Read keys in PEM or as JWKs, a file each."""
        try:
            return cls([read_key(Path(path).read_bytes()) for path in paths])
        except OSError as error:
            raise ConfigurationError(
                f"the key file cannot be read: {error.strerror}",
                remedy="Name a file that this process may read",
            ) from error

    @classmethod
    def from_text(cls, *texts: str) -> Self:
        """Read keys in PEM or as JWKs, as they stand in variables of the environment."""
        return cls([read_key(text) for text in texts])

    @classmethod
    def from_secret(cls, text: str) -> Self:
        """Use HS256 with a secret of at least 256 random bits, in base64url; see `shared_secret`."""
        return cls([shared_secret(text)])

    async def signer(self) -> Key:
        """Return the first key."""
        return self._signer

    async def find(self, kid: str) -> Key | None:
        """Return the key of an id."""
        return self._keys.get(kid)

    async def public(self) -> list[Jwk]:
        """Return a JWK for each key; none for a shared secret."""
        return [key.public_jwk() for key in self._keys.values() if not key.is_shared]
