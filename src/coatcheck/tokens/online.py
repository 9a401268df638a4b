"""Asking about the session behind a good token, so that a revoked one is refused at once."""

from base64 import b64encode
from urllib.parse import urlencode

import msgspec

from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.grants import admit_bearer
from coatcheck.core.lifetimes import Rotation
from coatcheck.core.moving import has_moved, moved_away
from coatcheck.core.record import Record
from coatcheck.core.store import Store
from coatcheck.tokens.claims import AccessToken, Invalid, Texts
from coatcheck.tokens.fetching import Fetch, FetchFailed, IssuerUnavailable, fetch
from coatcheck.tokens.policy import require_url


class StoreSessions:
    """Looks into the sessions' store, a read for each token.

    The token comes back with the roles the user has now.

    Args:
        store: Where the issuer keeps its sessions.
        tolerance: Clock tolerance in seconds.
        clock: Tells the time.
    """

    def __init__(self, store: Store, *, tolerance: float = 5.0, clock: Clock | None = None) -> None:
        self._store = store
        self._rotation = Rotation(tolerance=tolerance)
        self._clock = clock or SystemClock()

    async def confirm(self, token: AccessToken, text: str) -> AccessToken | Invalid:  # noqa: ARG002
        """Refuse the token of a session that ended, expired, or is another user's.

        Raises:
            StoreUnavailable: The session cannot be read, or moved to another store.
        """
        try:
            found = await self._store.load(token.sid)
        except CorruptRecord:
            return Invalid.REVOKED
        if has_moved(found):
            raise moved_away()
        grant = token.grant or None
        admission = admit_bearer(token.sub, grant, found, self._clock.now(), self._rotation)
        if not admission.admitted or not isinstance(found, Record) or found.identity is None:
            return Invalid.REVOKED
        return msgspec.structs.replace(token, roles=tuple(sorted(found.identity.roles)))


class _Told(msgspec.Struct):
    """What an introspection endpoint says (RFC 7662 2.2)."""

    active: bool
    sub: str = ""
    sid: str = ""
    roles: Texts = ()


_decode = msgspec.json.Decoder(_Told).decode


class Introspection:
    """Asks the issuer about each token, for a service that cannot reach the sessions' store (RFC 7662).

    Each token costs a request. The token comes back with the roles the user has now.

    Args:
        url: The issuer's endpoint, such as `https://shop.example/auth/introspect`.
        client: The name of this service, as the issuer's `TokenPolicy.introspectors` has it.
        secret: Its secret.
        fetch: Sends the request, within a bounded time.

    Raises:
        ConfigurationError: The URL is neither https, nor http on this very machine.
    """

    def __init__(self, url: str, client: str, secret: str, *, fetch: Fetch = fetch) -> None:
        require_url(url, "url")
        self._url = url
        self._headers = {
            "Authorization": f"Basic {b64encode(f'{client}:{secret}'.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self._fetch = fetch

    async def confirm(self, token: AccessToken, text: str) -> AccessToken | Invalid:
        """Refuse what the issuer does not call active.

        Raises:
            IssuerUnavailable: It does not answer, or nothing that can be read.
        """
        try:
            told = _decode(await self._fetch(self._url, urlencode({"token": text}).encode(), self._headers))
        except (FetchFailed, msgspec.DecodeError, UnicodeError) as error:
            raise IssuerUnavailable(f"{self._url} does not say whether the token counts") from error
        if not told.active or (told.sub, told.sid) != (token.sub, token.sid):
            return Invalid.REVOKED
        return msgspec.structs.replace(token, roles=told.roles)
