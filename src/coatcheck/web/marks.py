"""Marks on route objects: a handler that says itself that everybody may come (protocol.md section 6)."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from coatcheck.core.errors import ConfigurationError
from coatcheck.web.rule import Rule, public

MARK = "__coatcheck_public__"

_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")

HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])


def public_route(handler: HandlerT) -> HandlerT:
    """Let everybody reach this handler: a decorator, to be written below the framework's own.

    What the rules of the app say about the same path comes first.
    """
    setattr(handler, MARK, True)
    return handler


def walk(routes: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield path and route object of every route, those of mounted and included routers too."""
    for route in routes:
        included = getattr(route, "effective_route_contexts", None)  # how FastAPI keeps include_router
        path = prefix + (getattr(route, "path", None) or "")
        inner = getattr(route, "routes", None)
        if included is not None:
            yield from walk(included(), prefix)
        elif inner:
            yield from walk(inner, path)
        else:
            yield path or "/", route


def marked_rules(routes: Iterable[Any]) -> list[Rule]:
    """Return a public rule for every path whose handler is marked.

    Raises:
        ConfigurationError: No rule can say what a marked route's path says.
    """
    paths = [path for path, route in walk(routes) if getattr(getattr(route, "endpoint", None), MARK, False)]
    return [_rule(path) for path in dict.fromkeys(paths)]


def _rule(path: str) -> Rule:
    kept: list[str] = []
    for segment in path.split("/"):
        parameter = _PARAMETER.fullmatch(segment)
        if parameter is None and _PARAMETER.search(segment):
            raise ConfigurationError(
                f"the public route {path} matches a part of a segment",
                remedy="Say public(...) for the segments before it in RouteRules",
            )
        if parameter and parameter[2] == "path":
            return public("/".join(kept) or "/")
        kept.append(f"{{{parameter[1]}}}" if parameter else segment)
    return public("/".join(kept) or "/", exact=True)
