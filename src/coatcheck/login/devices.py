"""Known devices: browsers from which a user has signed in before.

The token of a known device is no credential. All it does is to choose the lane in which the
throttle counts, so that strangers who try an account's password do not lock its owner out.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode

import msgspec

from coatcheck.core.entropy import Entropy
from coatcheck.core.lifetimes import MAX_COOKIE_AGE
from coatcheck.manager.rows import Step, TypedRows

TOKEN_BYTES = 32
MAX_DEVICES = 10
MAX_AGE = MAX_COOKIE_AGE
"""Seconds for which a device stays known, and its cookie stays (RFC 6265bis: 400 days)."""

_FORM = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII).fullmatch


class KnownDevice(msgspec.Struct, frozen=True, array_like=True):
    """One known device: the digest of its token, and since when it is known (seconds since the epoch)."""

    digest: bytes
    since: float


class Devices:
    """Remembers the latest devices of each user, by the digests of their tokens.

    Args:
        store: Where they are remembered; it must have the skill `Rows`.
        entropy: Draws the tokens.
    """

    def __init__(self, store: object, entropy: Entropy) -> None:
        self._known = TypedRows(store, "devices:", tuple[KnownDevice, ...], ())
        self._entropy = entropy

    async def mint(self, subject: str, now: float) -> str:
        """Make a device known, in place of the oldest if there are too many; return its token.

        Always a fresh token: one that came from outside might have been planted by somebody else.
        """
        token = urlsafe_b64encode(self._entropy.token_bytes(TOKEN_BYTES)).decode("ascii").rstrip("=")

        def add(devices: tuple[KnownDevice, ...]) -> Step[tuple[KnownDevice, ...], None]:
            latest = (*_young(devices, now), KnownDevice(_digest(token), now))[-MAX_DEVICES:]
            return Step(None, latest, now + MAX_AGE)

        await self._known.change(subject, add)
        return token

    async def check(self, subject: str, token: str | None, now: float) -> bool:
        """Tell whether the token belongs to a known device of this user; one read, whatever the token."""
        devices = await self._known.get(subject)
        if token is None or _FORM(token) is None:
            return False
        digest = _digest(token)
        return any(hmac.compare_digest(device.digest, digest) for device in _young(devices, now))

    async def forget(self, subject: str) -> None:
        """Know none of the user's devices any more."""
        await self._known.delete(subject)


def _young(devices: tuple[KnownDevice, ...], now: float) -> tuple[KnownDevice, ...]:
    return tuple(device for device in devices if now - device.since < MAX_AGE)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("ascii")).digest()
