"""The middleware: a session for every request, before any framework sees it."""

from typing import Any

from coatcheck.core.errors import SessionEnded, StoreUnavailable
from coatcheck.core.session import Session
from coatcheck.manager import SessionManager
from coatcheck.web.answer import App, Receive, Scope, Send
from coatcheck.web.api import HttpApi
from coatcheck.web.cookie import CookiePolicy
from coatcheck.web.csrf import SAFE_METHODS
from coatcheck.web.exchange import Exchange
from coatcheck.web.fields import Fields, collect
from coatcheck.web.gate import Gate
from coatcheck.web.guard import RouteRules
from coatcheck.web.headers import HeaderPolicy
from coatcheck.web.origin import OriginPolicy
from coatcheck.web.paths import is_odd, route_path
from coatcheck.web.problem import failure
from coatcheck.web.rule import Kind
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
        headers: Security headers of every response.
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
        headers: HeaderPolicy | None = None,
        api: HttpApi | None = None,
    ) -> None:
        self._app = app
        self._api = api
        self._headers = headers or HeaderPolicy()
        self._gate = Gate(
            manager, rules or RouteRules(), cookies or CookiePolicy(), origins or OriginPolicy()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; what is neither http nor a WebSocket goes to the app untouched."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await Socket(self._gate, scope, send).serve(self._app, receive)
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        gate, api, path = self._gate, self._api, route_path(scope)
        fields = collect(scope["headers"])
        app: App = self._app
        if api is not None and api.covers(path):
            app, rule = api, api.rule(scope["method"], path)
        else:
            rule = gate.rules.find(path)
        odd = is_odd(scope)
        session = Session() if odd else await gate.open(scope, fields)
        exchange = Exchange(
            gate, self._headers, scope, send, path=path, fields=fields, rule=rule, session=session
        )
        if odd:
            await exchange.answer(failure(404, "not_found", page=wants_page(rule, fields)))
            return
        scope["session"], scope["coatcheck"] = session, exchange
        try:
            admitted = await self._admit(exchange, receive)
            if admitted is not None:
                await app(scope, admitted, exchange.send)
        except (StoreUnavailable, SessionEnded) as fault:
            if not await exchange.fail(fault):
                raise
        except Exception:
            await exchange.abandon()
            raise
        finally:
            del scope["coatcheck"]  # the two hold each other: only the garbage collector could free them

    async def _admit(self, exchange: Exchange, receive: Receive) -> Receive | None:
        """Return how the app receives the body of a request that passed; None if it was answered."""
        gate, scope, fields, rule = self._gate, exchange.scope, exchange.fields, exchange.rule
        if scope["method"] not in SAFE_METHODS:
            ours, receive = await gate.check_sender(scope, fields, exchange.session, receive)
            if not ours:
                await exchange.answer(failure(403, "cross_origin", page=wants_page(rule, fields)))
                return None
        if rule.kind is not Kind.PUBLIC and not (scope["method"] == "OPTIONS" and is_preflight(fields)):
            refusal = gate.check_rule(rule, scope, fields, exchange.session)
            if refusal is not None:
                await exchange.answer(refusal)
                return None
        exchange.passed = True
        return receive


def is_preflight(fields: Fields) -> bool:
    """Tell whether an OPTIONS request is a CORS preflight, which browsers send without cookies."""
    return b"origin" in fields and b"access-control-request-method" in fields
