"""WebSockets: judged at the handshake; the session is closed when the app accepts.

What a handler writes later it saves itself: `await manager.save(session)`. The handshake offers no
new token, for a socket belongs to the token it was opened with; once that no longer counts, or its
session is over, the socket is closed (`web/lifeline.py`).
"""

from typing import Any

from coatcheck.core.errors import DataError, SessionEnded, StoreUnavailable
from coatcheck.core.session import Session
from coatcheck.manager import SessionManager
from coatcheck.web.answer import Answer, App, Message, Receive, Scope, Send, send_answer
from coatcheck.web.fields import Fields, Sender
from coatcheck.web.gate import Gate
from coatcheck.web.lifeline import Lifeline
from coatcheck.web.places import Place
from coatcheck.web.problem import problem
from coatcheck.web.rule import Kind

SWITCHING_PROTOCOLS = 101
POLICY_VIOLATION = 1008  # RFC 6455 7.4.1
PRIVATE = ((b"cache-control", b"no-store"), (b"vary", b"Cookie, Origin"))


class Socket:
    """What is known of one WebSocket; adapters find it as `scope["coatcheck"]`.

    Attributes:
        gate: The policies in effect.
        rule: The route rule that covers its path.
        session: Its session.
    """

    __slots__ = (
        "_accepted",
        "_lifeline",
        "_odd",
        "_receive",
        "_scope",
        "_send",
        "_sender",
        "gate",
        "rule",
        "session",
    )

    def __init__(self, gate: Gate, place: Place, scope: Scope, receive: Receive, send: Send) -> None:
        self.gate = gate
        self.rule = place.rule
        self.session: Session[Any] = Session()
        self._odd = place.odd
        self._scope = scope
        self._receive = receive
        self._send = send
        self._sender = Sender(scope["headers"], scope.get("client"))
        self._lifeline = Lifeline(receive, send)
        self._accepted = False

    @property
    def manager(self) -> SessionManager[Any]:
        """Acts on sessions."""
        return self.gate.manager

    @property
    def fields(self) -> Fields:
        """The header fields of the handshake."""
        return self._sender.fields

    async def serve(self, app: App) -> None:
        """Judge the handshake, then hand the socket to the app."""
        try:
            if (refusal := await self._check()) is not None:
                await self._receive()  # the connect event, which must be answered
                await self._refuse(refusal)
                return
            await self._lifeline.run(app, self._scope, self.send)
        except (StoreUnavailable, SessionEnded, DataError) as fault:
            if self._accepted:
                raise
            await self._refuse(
                self.gate.answer_fault(self.rule, fault, self._scope, self.fields, self.session)
            )

    async def send(self, message: Message) -> None:
        """Pass a message of the app on; before it accepts, close the session.

        Raises:
            SessionEnded: The token lost its standing during the handshake.
            StoreUnavailable: The session could not be stored.
            DataError: The handler left data that cannot be stored.
        """
        if message["type"] == "websocket.accept":
            message = {**message, "headers": [*message.get("headers", ()), *await self._close()]}
            self._accepted = True
            await self._send(message)
            if self.session.token is not None or self.session.acts.handout is not None:
                self._lifeline.watch(self.manager, self.session, self.rule)
        else:
            await self._lifeline.send(message)

    async def _check(self) -> Answer | None:
        if self._odd:
            return problem(404, "not_found")
        scope, fields, gate, rule = self._scope, self.fields, self.gate, self.rule
        self.session = await gate.open(scope, self._sender)
        if not gate.check_handshake(scope, fields, self.session):
            return problem(403, "cross_origin")
        if rule.kind is Kind.PROTECTED:
            refusal = gate.judge(rule, scope, self.session)
            if refusal is not None and await self.manager.refresh(self.session):
                refusal = gate.judge(rule, scope, self.session)
            if refusal is not None:
                return gate.turn_away(rule, refusal, scope, fields)
        scope["session"], scope["coatcheck"] = self.session, self
        return None

    async def _close(self) -> list[tuple[bytes, bytes]]:
        if not self.gate.carries_cookies(self._scope):
            return []
        change = await self.manager.close(self.session, status=SWITCHING_PROTOCOLS, cacheable=True)
        return self.gate.set_cookies(change, self.session, self._scope)

    async def _refuse(self, answer: Answer) -> None:
        """Refuse with a proper response where the server can, else with its bare 403."""
        if "websocket.http.response" in self._scope.get("extensions", {}):
            await send_answer(self._send, answer.with_headers(*PRIVATE), "websocket.http")
        else:
            await self._send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": ""})
