"""The middleware: a session for every request, before any framework sees it."""

from typing import Any

from coatcheck.core.errors import Impersonated, SessionEnded, StoreUnavailable
from coatcheck.core.session import Session
from coatcheck.manager import SessionManager
from coatcheck.web.answer import Answer, App, Receive, Scope, Send
from coatcheck.web.api import HttpApi
from coatcheck.web.cookie import CookiePolicy
from coatcheck.web.exchange import Exchange
from coatcheck.web.fields import Fields, Sender
from coatcheck.web.gate import Gate
from coatcheck.web.guard import RouteRules
from coatcheck.web.origin import OriginPolicy
from coatcheck.web.places import Places
from coatcheck.web.problem import failure
from coatcheck.web.socket import Socket
from coatcheck.web.turning_away import wants_page


class SessionMiddleware:
    """Pure ASGI: reads the cookie, guards the routes, serves the API, writes the cookie.

    `scope["session"]` is the session, `scope["coatcheck"]` what an adapter needs beside it.

    Args:
        app: Any ASGI application.
        manager: Acts on sessions.
        rules: Who may go where; without rules everything but the login page needs a signed-in user.
        cookies: Names and attributes of the cookies.
        origins: Whose unsafe requests are our own pages'.
        api: The HTTP API, if it shall be served.
    """

    def __init__(
        self,
        app: App,
        manager: SessionManager[Any],
        *,
        rules: RouteRules | None = None,
        cookies: CookiePolicy | None = None,
        origins: OriginPolicy | None = None,
        api: HttpApi | None = None,
    ) -> None:
        self._app = app
        rules = rules or RouteRules()
        carrier = api.carrier if api else None
        self._gate = Gate(manager, rules, cookies or CookiePolicy(), origins or OriginPolicy(), carrier)
        self._places = Places(app, rules, api)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; what is neither http nor a WebSocket goes to the app untouched."""
        if scope["type"] != "http":
            await self._serve_other(scope, receive, send)
            return
        gate, place = self._gate, self._places.find(scope)
        sender = Sender(scope["headers"], scope.get("client"))
        if place.odd or place.impersonal:
            session = Session[Any]()
        else:
            # What the API shows of a session goes into a clock of the browser's: nothing outdated will do.
            opened = gate.session_for(scope, sender, place.api)
            session = opened if isinstance(opened, Session) else await opened
        exchange = Exchange(gate, scope, sender, place, session, send)
        scope["session"], scope["coatcheck"] = session, exchange
        try:
            refusal = _not_found(exchange) if place.odd else None
            if refusal is None and not place.safe:
                refusal, receive = await self._check_sender(exchange, receive)
            if refusal is None and not place.open:
                refusal = self._check_rule(exchange)
                refusal = refusal and await self._check_again(exchange, refusal)
            if refusal is not None:
                await exchange.answer(refusal)
            else:
                app = place.app
                await app(scope, receive, exchange.send)
        except (StoreUnavailable, SessionEnded, Impersonated) as fault:
            if not await exchange.fail(fault):
                raise
        except BaseException:  # a cancelled handler too must leave nobody signed in
            await exchange.abandon()
            raise
        finally:
            del scope["coatcheck"]  # the two hold each other: only the garbage collector could free them

    async def _serve_other(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await Socket(self._gate, self._places.find(scope), scope, receive, send).serve(self._app)
        else:
            await self._app(scope, receive, send)

    async def _check_sender(self, exchange: Exchange, receive: Receive) -> tuple[Answer | None, Receive]:
        """Return the answer to an unsafe request of another site's, and how to receive its body now."""
        gate, scope, fields = self._gate, exchange.scope, exchange.fields
        tokens, receive = await gate.presented_tokens(fields, exchange.session, receive)
        await exchange.look_again()
        if gate.is_ours(tokens, scope, fields, exchange.session):
            return None, receive
        page, code = wants_page(exchange.rule, scope, fields), exchange.session.support_code
        return failure(403, "cross_origin", page=page, support_code=code), receive

    def _check_rule(self, exchange: Exchange) -> Answer | None:
        """Return the answer to a visitor whom the route's rule does not let in."""
        rule, scope, fields = exchange.rule, exchange.scope, exchange.fields
        if scope["method"] == "OPTIONS" and is_preflight(fields):
            return None
        return self._gate.check_rule(rule, scope, fields, exchange.session)

    async def _check_again(self, exchange: Exchange, refusal: Answer) -> Answer | None:
        """Return a refusal, or what is left of it once the session was read."""
        read = await self._gate.manager.refresh(exchange.session)
        return self._check_rule(exchange) if read else refusal


def _not_found(exchange: Exchange) -> Answer:
    return failure(404, "not_found", page=wants_page(exchange.rule, exchange.scope, exchange.fields))


def is_preflight(fields: Fields) -> bool:
    """Tell whether an OPTIONS request is a CORS preflight, which browsers send without cookies."""
    return b"origin" in fields and b"access-control-request-method" in fields
