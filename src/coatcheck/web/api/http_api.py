"""The API's table: which endpoint answers what, and what it takes to reach it."""

from typing import TYPE_CHECKING

import msgspec

from coatcheck.web.answer import Answer, Receive, Scope, Send, send_answer
from coatcheck.web.api import script, sessions
from coatcheck.web.api.call import ApiPolicy, Call, Endpoint
from coatcheck.web.api.events import Events
from coatcheck.web.bearing import Carrier
from coatcheck.web.live import LiveStream
from coatcheck.web.problem import problem
from coatcheck.web.rule import Rule, protected, public

if TYPE_CHECKING:  # these rooms need extras that not every app installs
    from coatcheck.login import Login
    from coatcheck.tokens import Issuer


class Route(msgspec.Struct, frozen=True):
    """One row of the table.

    Attributes:
        method: HTTP method.
        rule: The path, and who may call.
        endpoint: What answers.
        impersonal: No session is opened for it, so the answer says itself what caches may do.
    """

    method: str
    rule: Rule
    endpoint: Endpoint
    impersonal: bool = False


class HttpApi:
    """Serves the API; hand it to the middleware.

    Args:
        login: Sign-in by password. Without it the app signs users in itself, and the API serves
            only what sessions need.
        policy: What it shows and asks for.
        issuer: Issues access tokens, if there are any.
    """

    def __init__(
        self, login: "Login | None" = None, policy: ApiPolicy | None = None, issuer: "Issuer | None" = None
    ) -> None:
        self.policy = policy or ApiPolicy()
        self.carrier = Carrier(issuer) if issuer else None
        self._events = Events(self.policy.streams)
        self.routes = (
            *self._session_routes(),
            *(self._login_routes(login) if login else ()),
            *(self._token_routes(self.carrier) if self.carrier else ()),
        )
        self._prefix = self.policy.prefix
        self._by_path: dict[str, dict[str, Route]] = {}
        for route in self.routes:
            self._by_path.setdefault(route.rule.path, {})[route.method] = route
        self._otherwise = public(self._prefix, passive=True, answer="api")

    @property
    def script_path(self) -> str:
        """Where the browser client is, with its version: what is kept under this address never changes."""
        return f"{self._prefix}/{script.VERSIONED}"

    def covers(self, path: str) -> bool:
        """Tell whether a path is the API's."""
        return path in self._by_path or (
            path.startswith(self._prefix) and path[len(self._prefix) :][:1] in ("", "/")
        )

    def rule(self, method: str, path: str) -> Rule:
        """Return the rule that guards a call; a call that nobody answers needs no permission."""
        route = self._find(path).get(_asked(method))
        return route.rule if route else self._otherwise

    def is_impersonal(self, path: str) -> bool:
        """Tell whether a path is answered alike for everybody, so that no session need be opened."""
        return any(route.impersonal for route in self._find(path).values())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call that the guard let pass."""
        answer = await self._answer(scope, receive)
        if isinstance(answer, LiveStream):
            await answer.serve(receive, send)
        else:
            await send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | LiveStream:
        exchange = scope["coatcheck"]
        routes = self._find(exchange.path)
        route = routes.get(_asked(scope["method"]))
        if route is None or not route.impersonal:
            exchange.session.mark_accessed()
        if not routes:
            return problem(404, "not_found")
        if route is None:
            allowed = ", ".join(sorted(routes)).encode("ascii")
            return problem(405, "method_not_allowed").with_headers((b"allow", allowed))
        if not (route.impersonal or exchange.gate.carries_cookies(scope)):
            return problem(403, "insecure_transport")
        id = exchange.path.rpartition("/")[2]
        return await route.endpoint(Call(exchange, receive, self.policy, id))

    def _find(self, path: str) -> dict[str, Route]:
        """Return the routes of a path by method."""
        exact = self._by_path.get(path)
        if exact is not None:
            return exact
        parent, _, id = path.rpartition("/")
        return self._by_path.get(f"{parent}/{{id}}", {}) if id else {}

    def _session_routes(self) -> tuple[Route, ...]:
        prefix, recent = self.policy.prefix, self.policy.recent
        own = protected(f"{prefix}/sessions", answer="api")
        client = public(f"{prefix}/{script.NAME}", passive=True, answer="api")
        return (
            Route("GET", client, script.serve, impersonal=True),
            Route("GET", public(f"{prefix}/session", passive=True, answer="api"), sessions.peek),
            Route("POST", protected(f"{prefix}/session/touch", passive=True, answer="api"), sessions.touch),
            Route("GET", protected(f"{prefix}/events", passive=True, answer="api"), self._events),
            Route("POST", public(f"{prefix}/logout"), sessions.logout),
            Route("GET", own, sessions.list_own),
            Route("DELETE", protected(own.path, recent=recent, answer="api"), sessions.end_others),
            Route("DELETE", protected(f"{prefix}/sessions/{{id}}", answer="api"), sessions.end_one),
        )

    def _login_routes(self, login: "Login") -> tuple[Route, ...]:
        from coatcheck.web.api.signing import Signing, unless_busy  # noqa: PLC0415 - needs the extra

        prefix, signing = self.policy.prefix, Signing(login)
        served = [
            (public(f"{prefix}/login"), signing.login),
            (protected(f"{prefix}/reauthenticate"), signing.reauthenticate),
            (protected(f"{prefix}/password"), signing.change_password),
        ]
        if self.policy.registration:
            served.append((public(f"{prefix}/register"), signing.register))
        return tuple(Route("POST", rule, unless_busy(endpoint)) for rule, endpoint in served)

    def _token_routes(self, carrier: Carrier) -> tuple[Route, ...]:
        from coatcheck.tokens import JWKS_PATH, METADATA_PATH  # noqa: PLC0415 - needs the extra
        from coatcheck.web.api.publishing import Publishing  # noqa: PLC0415 - likewise
        from coatcheck.web.api.tokens import Tokens  # noqa: PLC0415 - likewise

        prefix, published, tokens = self.policy.prefix, Publishing(carrier.issuer), Tokens(carrier)
        documents = [
            (f"{prefix}/jwks.json", published.jwks),
            (JWKS_PATH, published.jwks),
            (METADATA_PATH, published.metadata),
        ]
        begin = (protected(f"{prefix}/token", recent=self.policy.recent, answer="api"), tokens.begin)
        acts = [
            *([begin] if carrier.issuer.policy.from_cookie else ()),
            (public(f"{prefix}/token/refresh", answer="api"), tokens.refresh),
            (public(f"{prefix}/revoke", passive=True, answer="api"), tokens.revoke),
            (public(f"{prefix}/introspect", passive=True, answer="api"), tokens.introspect),
        ]
        return (
            *(Route("POST", rule, endpoint) for rule, endpoint in acts),
            *(
                Route("GET", public(path, passive=True, answer="api"), endpoint, impersonal=True)
                for path, endpoint in documents
            ),
        )


def _asked(method: str) -> str:
    """HEAD asks for what GET answers; the server leaves the body out."""
    return "GET" if method == "HEAD" else method
