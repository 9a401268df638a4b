"""The gate: opens the session of a request, then lets the request pass or says why not."""

from collections.abc import Mapping
from typing import Any

from coatcheck.core.device import describe
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.events import AccessDenied, CookieDuplicate, CrossOriginRefused
from coatcheck.core.session import Client, Session
from coatcheck.manager import CookieChange, SessionManager
from coatcheck.web import body, csrf
from coatcheck.web.answer import Answer, Receive
from coatcheck.web.cookie import CookieFault, CookiePolicy
from coatcheck.web.fields import Fields, peer, text
from coatcheck.web.guard import Refusal, RouteRules, judge
from coatcheck.web.origin import OriginPolicy
from coatcheck.web.rule import Kind, Rule
from coatcheck.web.turning_away import send_on, turn_away, wants_page, way_back
from coatcheck.web.unavailable import UnavailableSession

NO_TOKEN = ""  # the manager sees that it is none, and tells
MAX_PATH = 256  # of a path in an event (ASVS 16.4.1)


class Gate:
    """What stands between a request and the app.

    Attributes:
        manager: Acts on sessions.
        rules: Who may go where.
        cookies: Names of the cookies.
        origins: Whose requests are our own pages'.
        cookie: The session's cookie.
    """

    def __init__(
        self,
        manager: SessionManager[Any],
        rules: RouteRules,
        cookies: CookiePolicy,
        origins: OriginPolicy,
    ) -> None:
        self.manager = manager
        self.rules = rules
        self.cookies = cookies
        self.origins = origins
        self.cookie = cookies.session_cookie()

    def presented(self, scope: Mapping[str, Any], fields: Fields) -> str | None:
        """Return the text of the session's cookie; None where none came, or none that may count."""
        found = self.cookie.read(fields.get(b"cookie"))
        if found is None or not self.carries_cookies(scope):
            return None
        if isinstance(found, str):
            return found
        if found is CookieFault.MALFORMED:
            return NO_TOKEN
        device = describe(peer(scope), text(fields, b"user-agent"))
        self.manager.emit(CookieDuplicate(at=self.manager.now(), device=device))
        return None

    def visitor(self, scope: Mapping[str, Any], fields: Fields) -> Session[Any]:
        """Return the session of a request that presents nothing."""
        return self.manager.visitor(ip=peer(scope), user_agent=text(fields, b"user-agent"))

    async def open(self, presented: str, scope: Mapping[str, Any], fields: Fields) -> Session[Any]:
        """Return the request's session; an `UnavailableSession` if the store cannot be read."""
        ip, agent = peer(scope), text(fields, b"user-agent")
        try:
            return await self.manager.open(presented, ip=ip, user_agent=agent)
        except StoreUnavailable as fault:
            return UnavailableSession(fault, Client(ip, agent))

    def carries_cookies(self, scope: Mapping[str, Any]) -> bool:
        """Tell whether the transport is fit for cookies; over plain http none is read or set (A62)."""
        scheme: str = scope["scheme"]
        return scheme in ("https", "wss") or self.cookies.allows_plain(peer(scope))

    def set_cookie(self, change: CookieChange, *, secure: bool) -> bytes:
        """Return the `set-cookie` value for what the manager decided."""
        if change.text is None:
            return self.cookie.delete(secure=secure)
        return self.cookie.write(change.text, max_age=change.max_age, secure=secure)

    async def check_sender(
        self, scope: Mapping[str, Any], fields: Fields, session: Session[Any], receive: Receive
    ) -> tuple[bool, Receive]:
        """Tell whether an unsafe request comes from our own pages, and how to receive its body now.

        The body is looked into only if it is a form that a session came with: only such a form can
        carry a token that decides.

        Raises:
            StoreUnavailable: It depends on a session that cannot be read.
        """
        sender = csrf.sender_of(fields, self.origins, scope["scheme"])
        tokens = csrf.header_tokens(fields)
        unknown = isinstance(session, UnavailableSession)
        if not tokens and (unknown or session.record) and csrf.may_carry_token(fields):
            start, receive = await body.peek(receive)
            tokens = csrf.body_tokens(fields, start)
        return self._is_ours(sender, tokens, scope, session), receive

    def check_handshake(self, scope: Mapping[str, Any], fields: Fields, session: Session[Any]) -> bool:
        """Tell whether our own pages, or nobody's browser, opens a WebSocket (ASVS 4.4.2).

        Raises:
            StoreUnavailable: It depends on a session that cannot be read.
        """
        sender = csrf.by_origin(fields, self.origins, scope["scheme"])
        return self._is_ours(sender, csrf.header_tokens(fields), scope, session)

    def judge(self, rule: Rule, scope: Mapping[str, Any], session: Session[Any]) -> Refusal | None:
        """Return what a rule has against a visitor.

        Raises:
            StoreUnavailable: It depends on a session that cannot be read.
        """
        identity = session.identity
        now = 0.0 if rule.recent is None else self.manager.now()
        refusal = judge(rule, identity, session.reason, now)
        if refusal is not None and identity is not None:
            self._tell(AccessDenied, scope, session, reason=refusal.reason)
        return refusal

    def check_rule(
        self, rule: Rule, scope: Mapping[str, Any], fields: Fields, session: Session[Any]
    ) -> Answer | None:
        """Return the answer to a visitor whom a rule does not let in; None lets them in.

        Raises:
            StoreUnavailable: It depends on a session that cannot be read.
        """
        if rule.kind is Kind.GUESTS_ONLY:
            return send_on(self.rules, scope) if session.identity else None
        refusal = self.judge(rule, scope, session)
        if refusal is None:
            return None
        back = way_back(scope, fields, self.origins)
        return turn_away(self.rules, refusal, scope, back, page=wants_page(rule, fields))

    def _is_ours(
        self, sender: csrf.Sender, tokens: list[bytes], scope: Mapping[str, Any], session: Session[Any]
    ) -> bool:
        if isinstance(session, UnavailableSession) and (tokens or sender is csrf.Sender.SILENT):
            raise session.fault
        ours = csrf.passes(sender, session.record, tokens)
        if not ours:
            self._tell(CrossOriginRefused, scope, session)
        return ours

    def _tell(
        self,
        kind: type[AccessDenied] | type[CrossOriginRefused],
        scope: Mapping[str, Any],
        session: Session[Any],
        **facts: Any,
    ) -> None:
        client, record = session.client, session.record
        path = "".join(c if c.isprintable() else " " for c in scope["path"][:MAX_PATH])
        self.manager.emit(
            kind(
                at=self.manager.now(),
                session_id=record.id if record else None,
                user_id=record.user_id if record else None,
                device=describe(client.ip, client.user_agent),
                path=path,
                **facts,
            )
        )
