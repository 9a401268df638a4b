"""Signing in, and proving the password again. Needs the extra `login`."""

from coatcheck.core.lifetimes import MAX_COOKIE_AGE
from coatcheck.login import HashingBusy, Login
from coatcheck.web.answer import Answer
from coatcheck.web.api.bodies import LoginBody, PasswordBody, ReauthenticateBody, RegisterBody
from coatcheck.web.api.call import Call, Endpoint
from coatcheck.web.bearing import wants_tokens
from coatcheck.web.fields import is_secure, peer
from coatcheck.web.live import LiveStream
from coatcheck.web.problem import problem


class Signing:
    """The endpoints of the login room.

    Args:
        login: Decides.
    """

    def __init__(self, login: Login) -> None:
        self._login = login

    async def login(self, call: Call) -> Answer:
        """Sign in: always a new session; a browser unknown so far is known by its cookie from now on."""
        body = await call.body(LoginBody)
        return body if isinstance(body, Answer) else await self._sign_in(call, body)

    async def register(self, call: Call) -> Answer:
        """Make an account and sign its owner in."""
        body = await call.body(RegisterBody)
        if isinstance(body, Answer):
            return body
        outcome = await self._login.register(
            call.session, body.email, body.password, name=body.name, ip=peer(call.exchange.scope)
        )
        return await self._sign_in(call, body) if outcome.ok else call.refuse(outcome, body)

    async def reauthenticate(self, call: Call) -> Answer:
        """Prove the password again: a fresh token, and both deadlines anew."""
        body = await call.body(ReauthenticateBody)
        if isinstance(body, Answer):
            return body
        outcome = await self._login.reauthenticate(call.session, body.password, ip=peer(call.exchange.scope))
        return await call.done(body) if outcome.ok else call.refuse(outcome, body)

    async def change_password(self, call: Call) -> Answer:
        """Replace the password; the user's other sessions end."""
        body = await call.body(PasswordBody)
        if isinstance(body, Answer):
            return body
        outcome = await self._login.change_password(
            call.session, body.current_password, body.new_password, ip=peer(call.exchange.scope)
        )
        return await call.done(body) if outcome.ok else call.refuse(outcome, body)

    async def _sign_in(self, call: Call, body: LoginBody) -> Answer:
        exchange = call.exchange
        if wants_tokens(exchange.fields):
            if exchange.gate.carrier is None:
                return problem(400, "no_tokens_here")
            exchange.become_bearer()
        session = call.session
        cookie = exchange.gate.cookies.device_cookie()
        known = cookie.read(exchange.fields.get(b"cookie"))
        outcome = await self._login.login(
            session,
            body.email,
            body.password,
            ip=peer(exchange.scope),
            device_token=known if isinstance(known, str) else None,
            remember=body.remember,
        )
        if not outcome.ok:
            return call.refuse(outcome, body)
        answer = await call.done(body)
        if outcome.device_token is None or session.bearer:
            return answer
        secure = is_secure(exchange.scope)
        written = cookie.write(outcome.device_token, max_age=int(MAX_COOKIE_AGE), secure=secure)
        return answer.with_headers((b"set-cookie", written))


def unless_busy(endpoint: Endpoint) -> Endpoint:
    """Answer 503 where too many passwords wait to be hashed (A51)."""

    async def guarded(call: Call) -> Answer | LiveStream:
        try:
            return await endpoint(call)
        except HashingBusy as busy:
            return problem(503, busy.code, retry_after=busy.retry_after)

    return guarded
