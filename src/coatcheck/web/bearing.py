"""The other carrier: `Authorization: Bearer`, never mixed with cookies.

A request with a bearer's field is judged by that alone; no cookie is read, and none is set. A browser
sends the field only because a script of the page said so, so no other site's page can (no CSRF).
"""

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from coatcheck.core.client import NOWHERE, Client
from coatcheck.core.session import Session
from coatcheck.manager import Granted, SessionManager
from coatcheck.web.fields import Fields, text
from coatcheck.web.wire import TokensAnswer

if TYPE_CHECKING:  # the tokens room needs an extra that not every app installs
    from coatcheck.tokens import AccessToken, Issuer

Known = tuple["AccessToken", Session[Any]]
"""What an access token says, and the session behind it."""

CHALLENGE = (b"www-authenticate", b'Bearer error="invalid_token"')  # RFC 6750 3
TRANSPORT = b"coatcheck-transport"
SCHEME = "bearer "


def bearer_of(fields: Fields) -> str | None:
    """Return what stands behind `Bearer`; None where the field is of another scheme, or not there."""
    if b"authorization" not in fields:
        return None
    field = text(fields, b"authorization")
    return field[len(SCHEME) :] if field[: len(SCHEME)].lower() == SCHEME else None


def wants_tokens(fields: Fields) -> bool:
    """Tell whether a sign-in asks for tokens in place of a cookie."""
    return fields.get(TRANSPORT) == b"bearer"


class Carrier:
    """Opens sessions by access tokens, and says what a client gets.

    Args:
        issuer: Issues access tokens.
    """

    def __init__(self, issuer: "Issuer") -> None:
        self.issuer = issuer

    async def open(self, manager: SessionManager[Any], token: str, client: Client) -> Session[Any]:
        """Return the session of an access token for this API; perhaps nobody's.

        Raises:
            StoreUnavailable: The keys or the session cannot be read.
        """
        claims = await self.issuer.verify(token, frozenset({self.issuer.policy.audience}))
        if claims is None:
            return manager.grants.stranger(client)
        return await manager.grants.open(
            claims.sid, claims.sub, grant=claims.grant, step=claims.step, client=client
        )

    async def look_up(self, manager: SessionManager[Any], token: str) -> "Known | None":
        """Return what an access token for any service of ours says, and its session; None if it is over.

        Raises:
            StoreUnavailable: The keys or the session cannot be read.
        """
        claims = await self.issuer.verify(token, self.issuer.policy.audiences)
        if claims is None:
            return None
        own = self.issuer.policy.audience in claims.audiences
        grant = claims.grant if own else claims.grant or None
        found = await manager.grants.open(
            claims.sid, claims.sub, grant=grant, step=claims.step, client=NOWHERE
        )
        return (claims, found) if found.record else None

    async def tokens(self, granted: Granted, now: float, audience: str | None = None) -> TokensAnswer:
        """Return what a client gets; `now` in seconds since the epoch.

        Raises:
            SessionEnded: The session is over.
            StoreUnavailable: The keys cannot be read.
        """
        record = granted.record
        access, lifetime = await self.issuer.issue(record, audience, grant=granted.grant, step=granted.step)
        successor = granted.token
        return TokensAnswer(
            access_token=access,
            token_type="Bearer",
            expires_in=lifetime,
            refresh_token=successor.text if successor else UNSET,
            refresh_expires_in=int(record.expires_at - now) if successor else UNSET,
        )
