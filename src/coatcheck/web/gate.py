"""The gate: opens the session of a request, then lets the request pass or says why not."""

import logging
import math
from collections.abc import Coroutine, Mapping
from typing import Any

from coatcheck.core.client import Client
from coatcheck.core.errors import DataError, Impersonated, SessionEnded, StoreUnavailable
from coatcheck.core.events import AccessDenied, CookieDuplicate, CrossOriginRefused
from coatcheck.core.session import Session
from coatcheck.manager import CookieChange, SessionManager
from coatcheck.web import body, csrf
from coatcheck.web.answer import Answer, Receive
from coatcheck.web.bearing import Carrier, bearer_of
from coatcheck.web.cookie import FRESH, CookieFault, CookiePolicy
from coatcheck.web.fields import Fields, Sender, is_secure, peer
from coatcheck.web.guard import Refusal, RouteRules, judge
from coatcheck.web.origin import OriginPolicy
from coatcheck.web.problem import of_fault, of_refusal
from coatcheck.web.rule import Kind, Rule
from coatcheck.web.turning_away import page_for, send_on, wants_page, way_back
from coatcheck.web.unavailable import UnavailableSession

NO_TOKEN = b""  # the manager sees that it is none, and tells
MAX_PATH = 256  # of a path in an event (ASVS 16.4.1)

Fault = StoreUnavailable | SessionEnded | Impersonated | DataError

_log = logging.getLogger("coatcheck")


class Gate:
    """What stands between a request and the app.

    Attributes:
        manager: Acts on sessions.
        rules: Who may go where.
        cookies: Names of the cookies.
        origins: Whose requests are our own pages'.
        cookie: The session's cookie.
        carrier: Opens sessions by access tokens, if any are issued.
        fresh: Where other processes may hear late of what was stored: the cookie that says so.
    """

    def __init__(
        self,
        manager: SessionManager[Any],
        rules: RouteRules,
        cookies: CookiePolicy,
        origins: OriginPolicy,
        carrier: Carrier | None = None,
    ) -> None:
        self.manager = manager
        self.rules = rules
        self.cookies = cookies
        self.origins = origins
        self.carrier = carrier
        self.cookie = cookies.session_cookie()
        self.fresh = cookies.fresh_cookie() if manager.staleness else None

    def session_for(
        self,
        scope: Mapping[str, Any],
        sender: Sender,
        fresh: bool,  # noqa: FBT001 - by position, as everything that each request calls
    ) -> Session[Any] | Coroutine[Any, Any, Session[Any]]:
        """Return the request's session, to be awaited where it takes a read.

        What comes without a cookie, or with none that may count, is a visitor's and costs no read. With
        `fresh`, or where the browser has just stored something, nothing outdated will do.
        """
        if self.carrier is not None and scope["type"] == "http":
            token = bearer_of(sender.fields)
            if token is not None:
                return self._by_token(self.carrier, scope, sender, token)
        for name, _ in sender.headers:  # most visitors send no cookie, and are asked nothing else
            if name == b"cookie":
                break
        else:
            return self.manager.visitor(sender)
        cookies = sender.fields[b"cookie"]
        found = self.cookie.find(cookies)
        if found is None or not self.carries_cookies(scope):
            return self.manager.visitor(sender)
        if isinstance(found, bytes):
            text = found
        elif found is CookieFault.MALFORMED:
            text = NO_TOKEN
        else:
            session = self.manager.visitor(sender)
            self.manager.sample(CookieDuplicate, session)
            return session
        if fresh or (self.fresh is not None and self.fresh.find(cookies) is not None):
            opened = self.manager.present_afresh(text, sender)
        else:
            opened = self.manager.present(text, sender)
        return opened if isinstance(opened, Session) else _read(opened, sender)

    async def open(self, scope: Mapping[str, Any], sender: Sender, *, fresh: bool = False) -> Session[Any]:
        """Return the request's session, as `session_for` does, after the read that it may take."""
        session = self.session_for(scope, sender, fresh)
        return session if isinstance(session, Session) else await session

    async def _by_token(
        self, carrier: Carrier, scope: Mapping[str, Any], sender: Sender, token: str
    ) -> Session[Any]:
        if not self.carries_cookies(scope):
            return self.manager.grants.stranger(sender)
        session = await _read(carrier.open(self.manager, token, sender), sender)
        session.bearer = True
        return session

    def carries_cookies(self, scope: Mapping[str, Any]) -> bool:
        """Tell whether the transport is fit for cookies; over plain http none is read or set (A62)."""
        return is_secure(scope) or self.cookies.allows_plain(peer(scope))

    def set_cookies(
        self, change: CookieChange | None, session: Session[Any], scope: Mapping[str, Any]
    ) -> list[tuple[bytes, bytes]]:
        """Return the `set-cookie` fields for what the manager decided, and for what it stored."""
        secure, fields = is_secure(scope), []
        if change is not None:
            if change.text is None:
                fields.append(self.cookie.delete(secure=secure))
            else:
                fields.append(self.cookie.write(change.text, max_age=change.max_age, secure=secure))
        if session.has_saved and self.fresh is not None:
            age = math.ceil(self.manager.staleness)
            fields.append(self.fresh.write(FRESH, max_age=age, secure=secure))
        return [(b"set-cookie", field) for field in fields]

    async def presented_tokens(
        self, fields: Fields, session: Session[Any], receive: Receive
    ) -> tuple[list[bytes], Receive]:
        """Return the anti-forgery tokens of an unsafe request, and how to receive its body now.

        The body is looked into only if it is a form that a session came with: only such a form can
        carry a token that decides.
        """
        tokens = csrf.header_tokens(fields)
        unknown = isinstance(session, UnavailableSession)
        if not tokens and (unknown or session.record) and csrf.may_carry_token(fields):
            start, receive = await body.peek(receive)
            tokens = csrf.body_tokens(fields, start)
        return tokens, receive

    def is_ours(
        self, tokens: list[bytes], scope: Mapping[str, Any], fields: Fields, session: Session[Any]
    ) -> bool:
        """Tell whether an unsafe request comes from our own pages.

        Raises:
            StoreUnavailable: It depends on a session that cannot be read.
        """
        if session.bearer:  # no browser adds an access token by itself
            return True
        return self._is_ours(csrf.standing_of(fields, self.origins, scope["scheme"]), tokens, scope, session)

    def check_handshake(self, scope: Mapping[str, Any], fields: Fields, session: Session[Any]) -> bool:
        """Tell whether our own pages, or nobody's browser, opens a WebSocket (ASVS 4.4.2).

        Raises:
            StoreUnavailable: It depends on a session that cannot be read.
        """
        standing = csrf.by_origin(fields, self.origins, scope["scheme"])
        return self._is_ours(standing, csrf.header_tokens(fields), scope, session)

    def judge(self, rule: Rule, scope: Mapping[str, Any], session: Session[Any]) -> Refusal | None:
        """Return what a rule has against a visitor.

        Whoever is refused on a session that was only recalled is judged again after `manager.refresh`, so
        that nobody is told of until then.

        Raises:
            StoreUnavailable: It depends on a session that cannot be read.
        """
        identity = session.identity
        now = 0.0 if rule.recent is None else self.manager.now()
        refusal = judge(rule, identity, session.reason, now)
        if refusal is None:
            return None
        if identity is not None and not self.manager.is_recalled(session):
            self.manager.tell(AccessDenied, session, path=_told(scope), reason=refusal.reason)
        return refusal.about(session.support_code)

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
        return None if refusal is None else self.turn_away(rule, refusal, scope, fields)

    def turn_away(self, rule: Rule, refusal: Refusal, scope: Mapping[str, Any], fields: Fields) -> Answer:
        """Return the answer to a visitor who is refused: pages lead on, programs get a problem."""
        if not wants_page(rule, scope, fields):
            return of_refusal(refusal)
        return page_for(self.rules, refusal, scope, way_back(scope, fields, self.origins))

    def answer_fault(
        self, rule: Rule, fault: Fault, scope: Mapping[str, Any], fields: Fields, session: Session[Any]
    ) -> Answer:
        """Return the answer to a fault, or to a session that ended while the handler worked."""
        if isinstance(fault, SessionEnded):
            refusal = Refusal(401, fault.reason, session.support_code)
            return self.turn_away(rule, refusal, scope, fields)
        if isinstance(fault, DataError):
            _log.error("session data of %s cannot be kept: %s", scope["path"], fault)
        return of_fault(fault, page=wants_page(rule, scope, fields))

    def _is_ours(
        self, standing: csrf.Standing, tokens: list[bytes], scope: Mapping[str, Any], session: Session[Any]
    ) -> bool:
        if isinstance(session, UnavailableSession) and (tokens or standing is csrf.Standing.SILENT):
            raise session.fault
        ours = csrf.passes(standing, session.record, tokens)
        if not ours:
            self.manager.sample(CrossOriginRefused, session, path=_told(scope))
        return ours


def _told(scope: Mapping[str, Any]) -> str:
    """Return the path of a request as an event may hold it."""
    return "".join(c if c.isprintable() else " " for c in scope["path"][:MAX_PATH])


async def _read(reading: Coroutine[Any, Any, Session[Any]], client: Client) -> Session[Any]:
    """Return the session that was read; an `UnavailableSession` if the store cannot be."""
    try:
        return await reading
    except StoreUnavailable as fault:
        return UnavailableSession(fault, client)
