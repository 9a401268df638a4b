"""What an access token says (RFC 9068), and why one is refused."""

from enum import StrEnum
from typing import Annotated

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
Texts = Annotated[tuple[str, ...], msgspec.Meta(max_length=256)]


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """The claims of an access token. Times are seconds since the epoch.

    Attributes:
        iss: Who issued it.
        sub: The stable id of the user.
        aud: The service, or services, it is for.
        sid: The session it hangs on; with it ends.
        client_id: The client it was issued to.
        iat: When it was issued.
        nbf: From when it counts.
        exp: Until when it counts.
        jti: Its own id.
        auth_time: When the user authenticated; a refresh leaves it as it is.
        amr: How they did (RFC 8176).
        roles: The user's roles when it was issued.
        grant: The refresh tokens it went out with, if any.
        step: Which of them.
    """

    iss: Text
    sub: Text
    aud: Text | Texts
    sid: Text
    client_id: Text
    iat: float
    nbf: float
    exp: float
    jti: Text
    auth_time: float
    amr: Texts = ()
    roles: Texts = ()
    grant: Annotated[str, msgspec.Meta(max_length=64)] = ""
    step: Annotated[int, msgspec.Meta(ge=0)] = 0

    @property
    def audiences(self) -> tuple[str, ...]:
        """All services it is for."""
        return (self.aud,) if isinstance(self.aud, str) else self.aud

    def has_any_role(self, roles: frozenset[str]) -> bool:
        """Tell whether the user held at least one of the roles."""
        return not roles.isdisjoint(self.roles)


class Invalid(StrEnum):
    """Why an access token does not count: for logs. Its bearer hears `invalid_token`."""

    MISSING = "missing"
    MALFORMED = "malformed"
    WRONG_KIND = "wrong_kind"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    BAD_CLAIMS = "bad_claims"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
