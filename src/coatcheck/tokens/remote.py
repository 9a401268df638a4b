"""An issuer's keys, fetched from its JWK set and kept: one request for everybody who waits."""

import asyncio
from typing import Any

import msgspec

from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.patience import pause_after
from coatcheck.tokens.fetching import Fetch, FetchFailed, IssuerUnavailable, fetch
from coatcheck.tokens.key import Jwk, Key, is_kid, read_key
from coatcheck.tokens.policy import require_url
from coatcheck.tokens.ring import KEY_SET_AGE

LONGEST_USE = 3600.0  # seconds a set is used while the issuer does not answer
LEAST_PAUSE = 30.0  # seconds between two fetches that unknown key ids may cause
FIRST_PAUSE = 1.0  # seconds, at most, after a failed fetch
LONGEST_PAUSE = 60.0
MAX_KEYS = 64


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


class RemoteKeys:
    """The keys of an issuer.

    Nothing in a token chooses what is fetched: the URL is configured. An unknown key id fetches the set
    anew, at most once in half a minute, however many tokens ask.

    Args:
        url: The issuer's JWK set.
        fetch: Fetches a URL, within a bounded time.
        clock: Tells the time.
        entropy: Draws the jitter of the pauses after failures.

    Raises:
        ConfigurationError: The URL is neither https, nor http on this very machine.
    """

    def __init__(
        self, url: str, *, fetch: Fetch = fetch, clock: Clock | None = None, entropy: Entropy | None = None
    ) -> None:
        require_url(url, "url")
        self._url = url
        self._fetch = fetch
        self._clock = clock or SystemClock()
        self._entropy = entropy or SystemEntropy()
        self._keys: dict[str, Key] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._failures = 0
        self._pause_until = float("-inf")
        self._flight: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> Key | None:
        """Return the key of an id.

        Raises:
            IssuerUnavailable: The set was never fetched, or too long ago.
        """
        now = self._clock.now()
        key, age = self._keys.get(kid), now - self._fetched_at
        if age <= KEY_SET_AGE and (key is not None or now - self._tried_at < LEAST_PAUSE):
            return key
        if now >= self._pause_until:
            await self._refresh()
        if self._clock.now() - self._fetched_at > LONGEST_USE:
            raise IssuerUnavailable(f"the keys at {self._url} cannot be fetched")
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        """Fetch the set, or wait for the fetch that is under way; a failure leaves the keys as they are."""
        if self._flight is None:
            self._flight = asyncio.get_running_loop().create_task(self._load())
        await asyncio.shield(self._flight)

    async def _load(self) -> None:
        try:
            self._tried_at = self._clock.now()
            self._keys = _read(await self._fetch(self._url))
            self._fetched_at, self._failures = self._clock.now(), 0
        except FetchFailed:
            self._failures += 1
            pause = pause_after(self._failures, self._entropy, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
            self._pause_until = self._clock.now() + pause
        finally:
            self._flight = None


def _read(content: bytes) -> dict[str, Key]:
    """Return the keys of a JWK set that can verify tokens; others are left out.

    Raises:
        FetchFailed: It is no JWK set.
    """
    try:
        found = msgspec.json.decode(content, type=_KeySet).keys[:MAX_KEYS]
    except (msgspec.DecodeError, UnicodeError) as error:
        raise FetchFailed("the answer is no JWK set") from error
    keys = (key for jwk in found if (key := _key(jwk)) is not None)
    return {key.kid: key for key in keys}


def _key(jwk: Jwk) -> Key | None:
    kid = jwk.get("kid")
    if not is_kid(kid) or jwk.get("use", "sig") != "sig" or "d" in jwk:
        return None
    try:
        key = read_key({name: value for name, value in jwk.items() if name in ("kty", "crv", "x", "y")})
    except ConfigurationError:
        return None
    return Key(kid, key.algorithm, key.jose) if jwk.get("alg") == key.algorithm else None
