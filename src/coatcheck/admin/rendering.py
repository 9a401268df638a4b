"""From a template to a response: what every page of the dashboard shows."""

from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from coatcheck.admin import wording
from coatcheck.admin.desk import Desk
from coatcheck.admin.said import said
from coatcheck.core.record import Record
from coatcheck.core.support import support_code

# Nothing but our own scripts, style sheets and pictures; none of them in a page, no frame around it.
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
PLACES = (
    ("/", "Overview"),
    ("/sessions", "Sessions"),
    ("/people", "People"),
    ("/alarms", "Alarms"),
    ("/ledger", "Ledger"),
    ("/keys", "Keys"),
    ("/health", "Health"),
)


def render(desk: Desk, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Fill a template with `values` and with what the frame around every page needs."""
    record: Record | None = request.scope["session"].record
    body = TEMPLATES.get_template(template).render(
        root=request.scope["root_path"],
        here=request.url.path.removeprefix(request.scope["root_path"]),
        places=PLACES,
        home=request.scope.get("app_root_path", "") + desk.door.home,
        viewer=record.identity if record else None,
        csrf=_csrf_field(desk, record),
        client_script=desk.door.script_url(request.scope),
        said=said(request.query_params),
        now=desk.manager.now(),
        query=request.query_params,
        **values,
    )
    headers = {"content-security-policy": POLICY, "cache-control": "no-store"}
    return HTMLResponse(body, status, headers)


def see(request: Request, path: str, **facts: Any) -> RedirectResponse:
    """Answer a form: send the browser on with a GET, so that a reload repeats nothing (303)."""
    return RedirectResponse(_with_query(quote(request.scope["root_path"] + path), **facts), status_code=303)


def _csrf_field(desk: Desk, record: Record | None) -> Markup:
    token = desk.door.csrf_token(record) if record else ""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(token)


def _with_query(path: str, **facts: Any) -> str:
    """Return a path with those facts that are not empty."""
    kept = {name: value for name, value in facts.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("coatcheck.admin"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        moment=wording.moment,
        span=wording.span,
        grouped=wording.grouped,
        brief=wording.brief,
        known_as=wording.known_as,
        plural=wording.plural,
        support_code=support_code,
    )
    environment.globals.update(with_query=_with_query)
    return environment


TEMPLATES = _templates()
