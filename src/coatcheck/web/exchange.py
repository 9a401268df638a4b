"""One request and its response: closes the session before the response starts, and marks it."""

from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

import msgspec

from coatcheck.core.acts import NO_ACTS
from coatcheck.core.errors import CoatcheckError, DataError, SessionEnded, StoreUnavailable
from coatcheck.core.session import Session
from coatcheck.core.visit import Response
from coatcheck.manager import SessionManager
from coatcheck.web.activity import is_activity
from coatcheck.web.answer import Answer, Message, Scope, Send, send_answer
from coatcheck.web.bearing import CHALLENGE
from coatcheck.web.caching import RawHeaders, is_cacheable, keep_out_of_caches, said_to_caches
from coatcheck.web.fields import Fields, Sender
from coatcheck.web.gate import Fault, Gate
from coatcheck.web.places import Place
from coatcheck.web.rule import Rule

LONGEST_WAIT = 1.0  # seconds for a body, after which a session is judged anew


class Exchange(msgspec.Struct, eq=False):
    """What is known of one request; adapters find it as `scope["coatcheck"]`.

    Every request makes one, and most need it for nothing but to pass the response on. So it only keeps
    what it is given, and works out the rest where somebody asks.

    Attributes:
        gate: The policies in effect.
        scope: The request.
        sender: Who sent it.
        place: Where it goes.
        session: Its session.
        passed: Guard and CSRF let it pass, so it may be activity; until it is answered in the app's place.
    """

    gate: Gate
    scope: Scope
    sender: Sender
    place: Place
    session: Session[Any]
    _send: Send
    passed: bool = True
    _started: bool = False

    @property
    def manager(self) -> SessionManager[Any]:
        """Acts on sessions."""
        return self.gate.manager

    @property
    def fields(self) -> Fields:
        """The header fields of the request."""
        return self.sender.fields

    @property
    def path(self) -> str:
        """Its path as the router sees it."""
        return self.place.path

    @property
    def rule(self) -> Rule:
        """The route rule that covers it."""
        return self.place.rule

    async def close(self, status: int = 200, *, cacheable: bool = False) -> None:
        """Close the session, so that what it holds now is what the response may show.

        Raises:
            SessionEnded: The token lost its standing while the request was under way.
            StoreUnavailable: Something could not be stored that must not be lost.
            DataError: The handler left data that cannot be stored.
        """
        rest = self._conclude(Response(status, self._is_activity(), cacheable))
        if rest is not None:
            await rest

    async def look_again(self) -> None:
        """Judge the session anew after a wait for the body, however long the client drew it out.

        What was admitted when the request came may have ended, or lost a role, meanwhile.
        """
        session, manager = self.session, self.gate.manager
        if session.record is not None and manager.now() - session.opened_at > LONGEST_WAIT:
            session = await self.gate.open(self.scope, self.sender, fresh=True)
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
        send = self._send
        if message["type"] != "http.response.start":
            return send(message)
        session = self.session
        if session.record is not None or session.accessed or session.acts is not NO_ACTS:
            return self._start(message)
        self._started = True  # nobody's, and nobody asked for one: the response goes on as it is
        return send(message)

    async def answer(self, answer: Answer) -> None:
        """Answer in the app's place."""
        self.passed, self.session.accessed = False, True
        await send_answer(self.send, answer)

    async def fail(self, fault: Fault) -> bool:
        """Answer a fault in the app's place, unless the response has started; tell whether it could."""
        if self._started:
            return False
        await self.abandon()
        send, self._send, self._started = self._send, _swallow, True
        answer = self.gate.answer_fault(self.rule, fault, self.scope, self.fields, self.session)
        headers = [*answer.headers]
        keep_out_of_caches(headers, said_to_caches(headers), self.place.varies_by)
        await send_answer(send, Answer(answer.status, tuple(headers), answer.body))
        return True

    def _is_activity(self) -> bool:
        if not self.passed or self.place.rule.passive:
            return False
        return is_activity(self.scope["method"], self.sender.fields)

    def _conclude(self, response: Response) -> Awaitable[None] | None:
        """Close the session; return what has to be awaited for it, None for most."""
        gate, session = self.gate, self.session
        # A token was read only where the transport is fit for cookies.
        if session.token is None and not gate.carries_cookies(self.scope):
            return self.abandon()
        return gate.manager.conclude(session, response)

    def _start(self, message: Message) -> Awaitable[Any]:
        headers, status = [*message.get("headers", ())], message["status"]
        said = said_to_caches(headers)
        try:
            rest = self._conclude(Response(status, self._is_activity(), is_cacheable(said, status)))
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
        """Let the response say what was decided about the session."""
        session, send = self.session, self._send
        change = session.closed[0] if session.closed else None
        if session.bearer:
            headers += (CHALLENGE,) if message["status"] == 401 else ()  # noqa: PLR2004 - HTTP's own number
        elif change is not None or session.has_saved:
            headers += self.gate.set_cookies(change, session, self.scope)
        if change is not None or session.accessed:
            keep_out_of_caches(headers, said, self.place.varies_by)
        message["headers"] = headers
        self._started = True
        return send(message)

    def __repr__(self) -> str:
        return f"<Exchange at {self.path}>"  # the scope holds credentials


async def _swallow(message: Message) -> None:
    """Say nothing: the response was replaced."""
