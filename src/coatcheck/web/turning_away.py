"""Turning a visitor away: pages get a redirect, programs get a problem."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from coatcheck.core.reason import Reason
from coatcheck.web.activity import is_navigation
from coatcheck.web.answer import Answer, redirect
from coatcheck.web.csrf import SAFE_METHODS
from coatcheck.web.fields import Fields, text
from coatcheck.web.guard import Refusal, RouteRules
from coatcheck.web.origin import OriginPolicy
from coatcheck.web.paths import from_root, raw_path, safe_target
from coatcheck.web.problem import error_page
from coatcheck.web.rule import Rule


def wants_page(rule: Rule, scope: Mapping[str, Any], fields: Fields) -> bool:
    """Tell whether a refusal is for a person at a browser; a WebSocket's never is."""
    if scope["type"] != "http":
        return False
    return rule.answer == "page" or (rule.answer == "auto" and is_navigation(fields))


def page_for(rules: RouteRules, refusal: Refusal, scope: Mapping[str, Any], back: str) -> Answer:
    """Return the answer to a person whom a rule refuses; `back` is where they wanted to go."""
    facts: dict[str, str] = {"reason": refusal.reason}
    if refusal.reason is Reason.REAUTHENTICATION_REQUIRED and rules.reauthenticate_path:
        return redirect(with_query(from_root(scope, rules.reauthenticate_path), back, **facts))
    if refusal.support_code:
        facts["support_code"] = refusal.support_code
    if refusal.status == 401:  # noqa: PLR2004 - HTTP's own number
        return redirect(with_query(from_root(scope, rules.login_path), back, **facts))
    return error_page(refusal.status, refusal.reason, support_code=refusal.support_code)


def send_on(rules: RouteRules, scope: Mapping[str, Any]) -> Answer:
    """Return the answer to a signed-in user on a page for guests: on to where they wanted to go."""
    wanted = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("next", [""])
    return redirect(safe_target(wanted[0], from_root(scope, rules.home_path)))


def way_back(scope: Mapping[str, Any], fields: Fields, origins: OriginPolicy) -> str:
    """Return where to lead a visitor after they signed in.

    What a safe method asked for; for an unsafe one, which is never repeated, the page of ours that
    it came from.
    """
    if scope["method"] in SAFE_METHODS:
        query = scope.get("query_string", b"").decode("latin-1")
        return safe_target(f"{raw_path(scope)}?{query}" if query else raw_path(scope))
    scheme, _, rest = text(fields, b"referer").partition("://")
    host = rest.partition("/")[0]
    if not origins.accepts(f"{scheme}://{host}", scope["scheme"], text(fields, b"host")):
        return "/"
    return safe_target(rest[len(host) :])


def with_query(path: str, back: str, **facts: str) -> str:
    """Return `path?next=...` with more facts, all of them quoted."""
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in {"next": back, **facts}.items())
    return f"{path}{'&' if urlsplit(path).query else '?'}{query}"
