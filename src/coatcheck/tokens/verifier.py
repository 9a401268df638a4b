"""Verifying access tokens in another service: no database, no session, no more than an issuer's name."""

from typing import Protocol

from coatcheck.core.clock import Clock, SystemClock
from coatcheck.tokens.checking import LEEWAY, Expected, check
from coatcheck.tokens.claims import AccessToken, Invalid
from coatcheck.tokens.issuing import JWKS_PATH
from coatcheck.tokens.key import Key
from coatcheck.tokens.remote import RemoteKeys


class KeysOf(Protocol):
    """What a verifier needs of keys: `RemoteKeys`, or any source of an issuer."""

    async def find(self, kid: str) -> Key | None:
        """Return the key of an id, if its tokens count."""
        ...  # pragma: no cover


class Online(Protocol):
    """Asks whether the session of a good token is still alive."""

    async def confirm(self, token: AccessToken, text: str) -> AccessToken | Invalid:
        """Return the token with the facts as they are now, or why it does not count any more."""
        ...  # pragma: no cover


class Verifier:
    """Verifies access tokens of one issuer for one audience.

    A token is good until it expires, whatever happened to its session meanwhile; with `online` that is asked.

    Args:
        issuer: The origin of the application that issues them, such as `https://shop.example`.
        audience: The name of this service.
        keys: The issuer's keys; by default fetched from its well-known place.
        online: Asks whether the session is alive.
        leeway: Seconds by which the clocks may differ.
        clock: Tells the time.

    Raises:
        ConfigurationError: The issuer is no URL that could be trusted.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        keys: KeysOf | None = None,
        online: Online | None = None,
        leeway: float = LEEWAY,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._keys = keys or RemoteKeys(issuer + JWKS_PATH, clock=self._clock)
        self._online = online
        self._expected = Expected(issuer, frozenset({audience}), leeway)

    async def verify(self, text: str) -> AccessToken | Invalid:
        """Return what a token says, or why it does not count.

        Raises:
            IssuerUnavailable: The issuer's keys cannot be had now.
            StoreUnavailable: Its session is to be asked for, and cannot be read.
        """
        token = await check(text, self._keys.find, self._expected, self._clock)
        if self._online is None or isinstance(token, Invalid):
            return token
        return await self._online.confirm(token, text)
