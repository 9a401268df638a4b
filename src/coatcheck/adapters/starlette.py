"""Coatcheck for Starlette: `install(app, "sqlite:///app.db")`, then `request.session` as ever."""

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from coatcheck.core.lifetimes import Lifetimes
from coatcheck.core.session import Session
from coatcheck.manager import SessionManager
from coatcheck.web import RouteRules
from coatcheck.web.access import current_session
from coatcheck.web.marks import public_route
from coatcheck.web.mount import Installation, Policies

if TYPE_CHECKING:  # the login room needs an extra that not every app installs
    from coatcheck.login import Accounts

__all__ = ["Installation", "Policies", "install", "public_route", "session_from"]


def install(
    app: Starlette,
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
    return installation


def session_from(request: HTTPConnection) -> Session[Any]:
    """Return the session of a request or WebSocket; counts as looking at it."""
    return current_session(request.scope)
