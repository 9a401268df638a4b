"""Marks on route objects: a handler that says itself that everybody may come (protocol.md section 6)."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from coatcheck.core.errors import ConfigurationError
from coatcheck.web.guard import RouteRules
from coatcheck.web.rule import Kind, Rule, public

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


class _Pattern(msgspec.Struct, frozen=True):
    """What one route matches.

    Attributes:
        path: As a rule writes it.
        open_ended: It matches whatever lies below the path, too.
        marked: Its handler says that everybody may come.
        methods: What it answers; empty for all, as a mount does.
        picky: A parameter takes only some values, so what it lets pass goes on to later routes.
    """

    path: str
    open_ended: bool
    marked: bool
    methods: frozenset[str]
    picky: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """Its segments, with one sign for any parameter."""
        segments = self.path.strip("/").split("/") if self.path != "/" else []
        return tuple("{}" if "{" in segment else segment for segment in segments)

    def meets(self, other: "_Pattern") -> bool:
        """Tell whether some path belongs to both."""
        mine, theirs = self.kinds, other.kinds
        if len(mine) > len(theirs) and not other.open_ended:
            return False
        if len(theirs) > len(mine) and not self.open_ended:
            return False
        return all("{}" in pair or pair[0] == pair[1] for pair in zip(mine, theirs, strict=False))

    def takes_all_of(self, other: "_Pattern") -> bool:
        """Tell whether the framework, asking this route first, leaves nothing of what both match."""
        return not self.picky and bool(other.methods) and other.methods <= self.methods

    def is_closer_than(self, other: "_Pattern") -> bool:
        """Tell whether a rule for this pattern is found before one for the other."""
        for mine, theirs in zip(self.kinds, other.kinds, strict=False):
            if mine != theirs:
                return theirs == "{}"
        return len(self.kinds) > len(other.kinds)


def marked_rules(routes: Iterable[Any], rules: RouteRules) -> list[Rule]:
    """Return a public rule for each marked route, and for each other route that it would open its own.

    A mark opens its route and nothing beside it: a route that a marked pattern could cover as well
    keeps the rule that `rules` have for it.

    Raises:
        ConfigurationError: No rule can say what a marked route's path says, or no rule can tell it
            from a route that is not marked.
    """
    patterns = [_pattern(path, route) for path, route in walk(routes)]
    said = {rule.reach for rule in rules.rules}
    found: dict[str, Rule] = {}
    for place, marked in enumerate(patterns):
        if not marked.marked:
            continue
        opening = public(marked.path, exact=not marked.open_ended)
        if opening.reach in said:
            continue
        found[marked.path] = opening
        for later, other in enumerate(patterns):
            own = rules.find(other.path)
            if other.marked or own.kind is Kind.PUBLIC or not marked.meets(other):
                continue
            kept = msgspec.structs.replace(own, path=other.path, exact=not other.open_ended)
            if kept.reach in said:
                continue
            if other.is_closer_than(marked):
                found[other.path] = kept
            elif later < place or not marked.takes_all_of(other):
                raise ConfigurationError(
                    f"the public route {marked.path} would open {other.path}, which is not marked",
                    remedy="Mark both, give them different paths, or say in RouteRules who may go there",
                )
    return list(found.values())


def _pattern(path: str, route: Any) -> _Pattern:
    marked = bool(getattr(getattr(route, "endpoint", None), MARK, False))
    methods = frozenset(getattr(route, "methods", None) or ())
    kept: list[str] = []
    picky = False
    for segment in path.split("/"):
        parameter = _PARAMETER.fullmatch(segment)
        if marked and parameter is None and _PARAMETER.search(segment):
            raise ConfigurationError(
                f"the public route {path} matches a part of a segment",
                remedy="Say public(...) for the segments before it in RouteRules",
            )
        if parameter and parameter[2] == "path":
            return _Pattern("/".join(kept) or "/", True, marked, methods, picky)
        picky = picky or bool(parameter and parameter[2] not in (None, "str"))
        kept.append("{any}" if parameter is None and "{" in segment else _named(segment, parameter))
    mounted = not methods and hasattr(route, "app") and not hasattr(route, "endpoint")
    return _Pattern("/".join(kept) or "/", mounted, marked, methods, picky)


def _named(segment: str, parameter: re.Match[str] | None) -> str:
    return f"{{{parameter[1]}}}" if parameter else segment
