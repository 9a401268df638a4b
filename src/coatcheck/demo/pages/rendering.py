"""From a template to a response: what every page shows, and how it shows time."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import Scope

from coatcheck.adapters.fastapi import session_from
from coatcheck.admin.rendering import POLICY
from coatcheck.admin.wording import moment, span
from coatcheck.core.record import Record
from coatcheck.core.support import support_code
from coatcheck.demo.pages.flash import take_flashes
from coatcheck.web import csrf

PLACES = (("/dashboard", "Dashboard"), ("/profile", "Profile"), ("/settings", "Settings"))
ADMIN_PLACES = (*PLACES, ("/admin/", "Admin"))


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


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("coatcheck.demo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=moment, span=span, support_code=support_code)
    return environment


TEMPLATES = _templates()
