"""Tokens over HTTP: handed out, refreshed, given back, and looked into by trusted services."""

import hmac
from base64 import b64decode
from hashlib import sha256
from typing import Any

from coatcheck.core.reason import Reason
from coatcheck.manager import Granted
from coatcheck.web.activity import is_activity
from coatcheck.web.answer import Answer, json_answer
from coatcheck.web.api.bodies import AudienceBody, RefreshBody, TokenBody
from coatcheck.web.api.call import Call
from coatcheck.web.bearing import Carrier
from coatcheck.web.fields import text
from coatcheck.web.problem import problem

INACTIVE = {"active": False}  # RFC 7662 2.2: nothing more, whatever the reason
BASIC = "basic "


class Tokens:
    """The endpoints.

    Args:
        carrier: Issues access tokens, and opens sessions by them.
    """

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._policy = carrier.issuer.policy

    async def begin(self, call: Call) -> Answer:
        """Hand out tokens that hang on the session of a cookie.

        An access token is not enough: what lives five minutes must not become what lives for days.
        """
        body = await call.body(AudienceBody)
        if isinstance(body, Answer):
            return body
        if call.session.bearer:
            return problem(403, "cookie_required")
        if self._is_unknown(body.audience):
            return problem(400, "unknown_audience")
        granted = await call.manager.grants.begin(call.session)
        return await self._hand_out(call, granted, body.audience)

    async def refresh(self, call: Call) -> Answer:
        """Exchange a refresh token: an offer, which is the same for everybody who asks."""
        body = await call.body(RefreshBody)
        if isinstance(body, Answer):
            return body
        if self._is_unknown(body.audience):
            return problem(400, "unknown_audience")
        exchange = call.exchange
        active = is_activity(exchange.scope["method"], exchange.fields)
        granted = await call.manager.grants.refresh(body.refresh_token, call.session.client, active=active)
        if not isinstance(granted, Granted):
            code = granted if granted is Reason.TOKEN_REUSED else "invalid_grant"
            return problem(401, code, reason=granted)
        return await self._hand_out(call, granted, body.audience)

    async def revoke(self, call: Call) -> Answer:
        """Take tokens back (RFC 7009): whoever holds one may; unknown ones are fine."""
        body = await call.body(TokenBody)
        if isinstance(body, Answer):
            return body
        grants = call.manager.grants
        if "." not in body.token:
            await grants.end_of(body.token, call.session.client)
        elif (found := await self._carrier.look_up(call.manager, body.token)) is not None:
            await grants.end(found[0].sid, found[0].grant)
        return Answer(200)

    async def introspect(self, call: Call) -> Answer:
        """Tell a trusted service whether an access token counts now, and of the user as they are now."""
        if not self._is_trusted(text(call.exchange.fields, b"authorization")):
            return problem(401, "invalid_client").with_headers((b"www-authenticate", b"Basic"))
        body = await call.body(TokenBody)
        if isinstance(body, Answer):
            return body
        found = await self._carrier.look_up(call.manager, body.token)
        return json_answer(200, INACTIVE if found is None else _facts(*found))

    async def _hand_out(self, call: Call, granted: Granted, audience: str | None) -> Answer:
        return json_answer(200, await self._carrier.tokens(granted, call.manager.now(), audience))

    def _is_unknown(self, audience: str | None) -> bool:
        return audience is not None and audience not in self._policy.audiences

    def _is_trusted(self, field: str) -> bool:
        """Tell whether the client's name and secret are those of a service that may ask (RFC 7662 2.1)."""
        if field[: len(BASIC)].lower() != BASIC:
            return False
        try:
            name, _, secret = b64decode(field[len(BASIC) :], validate=True).decode().partition(":")
        except ValueError:
            return False
        known = self._policy.introspectors.get(name, "")
        presented, expected = (sha256(value.encode()).digest() for value in (secret, known))
        return bool(known) and hmac.compare_digest(presented, expected)


def _facts(claims: Any, session: Any) -> dict[str, Any]:
    identity = session.record.identity
    return {
        "active": True,
        "token_type": "Bearer",
        **{name: getattr(claims, name) for name in ("iss", "sub", "aud", "sid", "client_id", "jti")},
        **{name: int(getattr(claims, name)) for name in ("iat", "nbf", "exp")},
        "auth_time": int(identity.auth_time),
        "amr": list(identity.amr),
        "roles": sorted(identity.roles),
    }
