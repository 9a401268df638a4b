"""One request and its response: closes the session before the response starts, and marks it."""

from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

from coatcheck.core.errors import CoatcheckError, DataError, SessionEnded, StoreUnavailable
from coatcheck.core.session import NO_ACTS, Session
from coatcheck.manager import SessionManager
from coatcheck.web.activity import is_activity
from coatcheck.web.answer import Answer, Message, Scope, Send, send_answer
from coatcheck.web.bearing import CHALLENGE
from coatcheck.web.caching import CHECKED, LOOKED, RawHeaders, is_cacheable, keep_out_of_caches
from coatcheck.web.csrf import SAFE_METHODS
from coatcheck.web.fields import Fields, collect
from coatcheck.web.gate import Fault, Gate
from coatcheck.web.rule import Rule

LONGEST_WAIT = 1.0  # seconds for a body, after which a session is judged anew


class Exchange:
    """What is known of one request; adapters find it as `scope["coatcheck"]`.

    Attributes:
        gate: The policies in effect.
        scope: The request.
        path: Its path as the router sees it.
        fields: Its header fields.
        rule: The route rule that covers it.
        session: Its session.
        passed: Guard and CSRF let it pass, so it may be activity.
    """

    __slots__ = (
        "_replaced",
        "_send",
        "_started",
        "fields",
        "gate",
        "passed",
        "path",
        "rule",
        "scope",
        "session",
    )

    def __init__(
        self,
        gate: Gate,
        scope: Scope,
        send: Send,
        path: str,
        fields: Fields,
        rule: Rule,
        session: Session[Any],
    ) -> None:
        self.gate = gate
        self.scope = scope
        self.path = path
        self.fields = fields
        self.rule = rule
        self.session = session
        self.passed = False
        self._send = send
        self._started = False
        self._replaced = False

    @property
    def manager(self) -> SessionManager[Any]:
        """Acts on sessions."""
        return self.gate.manager

    async def close(self, status: int = 200, *, cacheable: bool = False) -> None:
        """Close the session, so that what it holds now is what the response may show.

        Raises:
            SessionEnded: The token lost its standing while the request was under way.
            StoreUnavailable: Something could not be stored that must not be lost.
            DataError: The handler left data that cannot be stored.
        """
        rest = self._conclude(status, cacheable=cacheable)
        if rest is not None:
            await rest

    async def look_again(self) -> None:
        """Judge the session anew after a wait for the body, however long the client drew it out.

        What was admitted when the request came may have ended, or lost a role, meanwhile.
        """
        session, manager = self.session, self.gate.manager
        if session.record is not None and manager.now() - session.opened_at > LONGEST_WAIT:
            session = await self.gate.open(self.scope, self.fields, fresh=True)
            self.session = self.scope["session"] = session

    def become_bearer(self) -> None:
        """Go on as somebody without a cookie: a sign-in for tokens replaces no session of the browser's."""
        self.session = self.scope["session"] = self.manager.visitor(self.session.client)
        self.session.bearer = self.session.accessed = True

    async def abandon(self) -> None:
        """Undo a sign-in whose response never comes."""
        if self.session.acts.handout is not None:
            with suppress(CoatcheckError):
                await self.manager.close(self.session, status=500)

    def send(self, message: Message) -> Awaitable[None]:
        """Pass a message of the app on; before the response starts, close the session."""
        if message["type"] == "http.response.start" and not self._is_nobodys():
            return self._start(message)
        if self._replaced:
            return _nothing()
        self._started = True
        return self._send(message)

    async def answer(self, answer: Answer) -> None:
        """Answer in the app's place."""
        self.session.accessed = True
        await send_answer(self.send, answer)

    async def fail(self, fault: Fault) -> bool:
        """Answer a fault in the app's place, unless the response has started; tell whether it could."""
        if self._started:
            return False
        await self.abandon()
        self._replaced = self._started = True
        answer = self.gate.answer_fault(self.rule, fault, self.scope, self.fields, self.session)
        await send_answer(self._send_private, answer)
        return True

    def _is_nobodys(self) -> bool:
        """Tell whether there is no session, and nobody asked for one."""
        session = self.session
        return session.record is None and not session.accessed and session.acts is NO_ACTS

    def _conclude(self, status: int, *, cacheable: bool) -> Awaitable[None] | None:
        """Close the session; return what has to be awaited for it, None for most."""
        if not self.gate.carries_cookies(self.scope):
            return self.abandon()
        active = self.passed and not self.rule.passive and is_activity(self.scope["method"], self.fields)
        return self.gate.manager.conclude(self.session, status=status, active=active, cacheable=cacheable)

    def _start(self, message: Message) -> Awaitable[Any]:
        headers = [(name.lower(), value) for name, value in message.get("headers", ())]
        said, status = collect(headers), message["status"]
        try:
            rest = self._conclude(status, cacheable=is_cacheable(said, status))
        except DataError as fault:
            return self.fail(fault)
        if rest is not None:
            return self._start_after(rest, message, headers, said)
        return self._send_start(message, headers, said)

    async def _start_after(
        self, rest: Awaitable[None], message: Message, headers: RawHeaders, said: Fields
    ) -> None:
        try:
            await rest
        except (StoreUnavailable, SessionEnded, DataError) as fault:
            await self.fail(fault)
            return
        await self._send_start(message, headers, said)

    def _send_start(self, message: Message, headers: RawHeaders, said: Fields) -> Awaitable[None]:
        session = self.session
        change = session.closed[0] if session.closed else None
        if session.bearer:
            headers += (CHALLENGE,) if message["status"] == 401 else ()  # noqa: PLR2004 - HTTP's own number
        elif change is not None or session.has_saved:
            headers += self.gate.set_cookies(change, session, self.scope)
        if change is not None or session.accessed:
            self._keep_private(headers, said)
        message["headers"] = headers
        self._started = True
        return self._send(message)

    def _send_private(self, message: Message) -> Awaitable[None]:
        if "headers" in message:
            self._keep_private(message["headers"], collect(message["headers"]))
        return self._send(message)

    def _keep_private(self, headers: RawHeaders, said: Fields) -> None:
        keep_out_of_caches(headers, said, LOOKED if self.scope["method"] in SAFE_METHODS else CHECKED)


async def _nothing() -> None:
    """Swallow what the app says after its response was replaced."""
