"""Coatcheck for FastAPI: `install(app, "sqlite:///app.db")`, then dependencies that guard and document.

    @app.get("/cart")
    async def cart(session: CurrentSession): ...

    @app.get("/admin", dependencies=[Depends(require_role("admin"))])
    async def admin(): ...

With typed session data, `Annotated[Session[Cart], Security(session_cookie)]` names its type.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Request, Response, Security, WebSocketException
from fastapi.openapi.models import APIKey, APIKeyIn
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection
from starlette.status import WS_1008_POLICY_VIOLATION

from coatcheck.core.identity import Identity
from coatcheck.core.lifetimes import Lifetimes
from coatcheck.core.session import Session
from coatcheck.manager import SessionManager
from coatcheck.web import CookiePolicy, RouteRules, Rule, protected
from coatcheck.web.access import RequirementNotMet, answer_refusal, current_session, require
from coatcheck.web.marks import public_route
from coatcheck.web.mount import Installation, Policies

if TYPE_CHECKING:  # the login room needs an extra that not every app installs
    from coatcheck.login import Accounts

__all__ = [
    "CurrentSession",
    "Installation",
    "Policies",
    "install",
    "public_route",
    "require_recent_auth",
    "require_role",
    "require_user",
    "session_cookie",
    "session_from",
]

SCHEME = "session"


def install(
    app: FastAPI,
    store: str | SessionManager[Any],
    *,
    rules: RouteRules | None = None,
    policies: Policies | None = None,
    lifetimes: Lifetimes | None = None,
    accounts: "Accounts | None" = None,
    near: bool = True,
    moving_from: str | None = None,
) -> Installation:
    """Give an app sessions, route rules and the HTTP API; call it once, before the app starts.

    Args:
        app: The application. Its own lifespan keeps working.
        store: URL of a store, or a `SessionManager`.
        rules: Who may go where; without rules everything but `/login` needs a signed-in user.
        policies: Cookies, origins, headers, API; who observes, and how often is swept.
        lifetimes: Timeouts and rotation, where `store` is a URL.
        accounts: Your user table; embedded accounts by default where the store speaks SQL.
        near: Remember in this process what was read, where `store` is a URL, so that most requests make
            no round trip.
        moving_from: URL of the store that the sessions are moving from, where `store` is a URL.

    Raises:
        ConfigurationError: Something of this cannot work.
        StoreUnavailable: The database cannot be opened.
    """
    installation = Installation(
        store,
        app.router.routes,
        rules=rules,
        policies=policies,
        lifetimes=lifetimes,
        accounts=accounts,
        near=near,
        moving_from=moving_from,
    )
    installation.attach(app)
    app.exception_handler(RequirementNotMet)(_answer_refusal)
    _document_cookie(app, installation.policies.cookies.name)
    return installation


def session_from(request: HTTPConnection) -> Session[Any]:
    """Return the session of a request or WebSocket; counts as looking at it."""
    return current_session(request.scope)


class SessionCookie(SecurityBase):
    """The session as a dependency, shown in OpenAPI as an API key in a cookie."""

    def __init__(self) -> None:
        self.model = APIKey.model_validate(
            {
                "in": APIKeyIn.cookie,
                "name": CookiePolicy().name,
                "description": "The session cookie that `POST /auth/login` sets.",
            }
        )
        self.scheme_name = SCHEME

    async def __call__(self, connection: HTTPConnection) -> Session[Any]:
        """Return the session of a request or WebSocket; counts as looking at it."""
        return current_session(connection.scope)


session_cookie = SessionCookie()

CurrentSession = Annotated[Session[Any], Security(session_cookie)]
"""The session, perhaps nobody's."""

Requirement = Callable[[HTTPConnection, Session[Any]], Awaitable[Identity]]


def require_role(*roles: str) -> Requirement:
    """Return a dependency that lets in users with one of `roles`, and gives their `Identity`."""
    return _require(protected("/", roles=roles))


def require_recent_auth(seconds: float = 300.0) -> Requirement:
    """Return a dependency that lets in users who authenticated at most so many `seconds` ago.

    Others are refused with the code `reauthentication_required` (ASVS 7.5.3).
    """
    return _require(protected("/", recent=seconds))


def _require(rule: Rule) -> Requirement:
    async def requirement(connection: HTTPConnection, _session: CurrentSession) -> Identity:
        try:
            return await require(connection.scope, rule)
        except RequirementNotMet as unmet:
            if connection.scope["type"] == "websocket":
                raise WebSocketException(WS_1008_POLICY_VIOLATION, unmet.refusal.reason) from None
            raise

    return requirement


require_user: Requirement = _require(protected("/"))
"""A dependency that lets in signed-in users, and gives their `Identity`."""


async def _answer_refusal(request: Request, unmet: RequirementNotMet) -> Response:
    """Answer as the guard does: a redirect for a page, a problem for a program."""
    answer = answer_refusal(request.scope, unmet.refusal)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
    return Response(answer.body, answer.status, headers)


def _document_cookie(app: FastAPI, name: str) -> None:
    """Put the cookie's real name into the app's OpenAPI document."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        document = build()
        schemes = document.get("components", {}).get("securitySchemes", {})
        if SCHEME in schemes:
            schemes[SCHEME]["name"] = name
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it
