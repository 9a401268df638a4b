"""From a template to a response: what every page shows, and how it shows time."""

from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import Scope

from coatcheck.adapters.fastapi import session_from
from coatcheck.core.lifetimes import DAY, HOUR, MINUTE
from coatcheck.core.record import Record
from coatcheck.demo.pages.flash import take_flashes
from coatcheck.web import csrf

PLACES = (("/dashboard", "Dashboard"), ("/profile", "Profile"), ("/settings", "Settings"))
ADMIN_PLACES = (*PLACES, ("/admin", "Admin"))

EXACT_BELOW = 10 * MINUTE  # seconds: a minute says too little about a time that is this short

# Nothing but our own scripts, style sheets and pictures; none of them in a page, no frame around it.
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Fill a template with `values` and with what the frame around every page needs."""
    session = session_from(request)
    frame = _frame(request.scope, session.record)
    body = TEMPLATES.get_template(template).render(**frame, flashes=take_flashes(session), **values)
    return HTMLResponse(body, status, {"content-security-policy": POLICY})


def see(path: str) -> RedirectResponse:
    """Answer a form: send the browser on with a GET, so that a reload repeats nothing (303)."""
    return RedirectResponse(path, status_code=303)


def render_error(scope: Scope, **values: Any) -> str:
    """Fill the template of an error; works without a session, and changes none."""
    session = scope.get("session")
    return TEMPLATES.get_template("error.html").render(
        **_frame(scope, session.record if session is not None else None), flashes=(), **values
    )


def _frame(scope: Scope, record: Record | None) -> dict[str, Any]:
    viewer = record.identity if record else None
    state = scope["app"].state
    return {
        "viewer": viewer,
        "places": ADMIN_PLACES if viewer and "admin" in viewer.roles else PLACES,
        "here": scope["path"],
        "csrf": csrf_field(record),
        "lifetimes": state.cloakroom.manager.lifetimes,
        "client_script": state.coatcheck.script_url(scope),
    }


def csrf_field(record: Record | None) -> Markup:
    """Return the hidden input of a form; a visitor without a session has no token to show."""
    token = csrf.token(record) if record else ""
    return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.TOKEN_FIELD.decode(), token)


def moment(at: float, scale: float = HOUR) -> Markup:
    """Show a moment given in seconds since the epoch; to the second where times are on a small `scale`."""
    when = datetime.fromtimestamp(at, UTC)
    clock = f"{when:%H:%M:%S}" if scale < EXACT_BELOW else f"{when:%H:%M}"
    shown = f"{when.day} {when:%b}, {clock} UTC"
    return Markup('<time datetime="{}">{}</time>').format(when.isoformat(timespec="seconds"), shown)


def span(seconds: float) -> str:
    """Show a duration given in seconds, in the units a person would choose."""
    if seconds >= 2 * DAY:
        return f"{seconds // DAY:.0f} days"
    if seconds >= 2 * HOUR:
        minutes = seconds % HOUR // MINUTE
        return f"{seconds // HOUR:.0f} h {minutes:.0f} min" if minutes else f"{seconds // HOUR:.0f} hours"
    if seconds >= 2 * MINUTE:
        return f"{seconds // MINUTE:.0f} minutes"
    shown = f"{max(seconds, 0.0):.0f}"
    return f"{shown} second" if shown == "1" else f"{shown} seconds"


def ticket_number(id: str) -> str:
    """Show a session id as the number on a ticket."""
    return id[:6].upper()


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("coatcheck.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=moment, span=span, ticket_number=ticket_number)
    return environment


TEMPLATES = _templates()
