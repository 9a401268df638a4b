"""Where a request goes: the path as the router sees it, and the rule that covers it."""

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from coatcheck.web.answer import Scope
from coatcheck.web.guard import RouteRules
from coatcheck.web.paths import is_odd, route_path
from coatcheck.web.rule import Rule

if TYPE_CHECKING:
    from coatcheck.web.api import HttpApi

CACHED_PATHS = 1024
LONGEST_CACHED = 256


class Place(msgspec.Struct, frozen=True):
    """What is known of a path.

    Attributes:
        path: Without the mount point.
        rule: What covers it.
        odd: Two programs could disagree about which resource it names: nothing is served there.
        api: The HTTP API answers there, each method by a rule of its own.
        impersonal: It answers everybody alike, whatever their session.
    """

    path: str
    rule: Rule
    odd: bool
    api: bool
    impersonal: bool


class Places:
    """Looks paths up, and remembers the latest.

    Args:
        rules: Of the app.
        api: The HTTP API, if it is served.
    """

    def __init__(self, rules: RouteRules, api: "HttpApi | None") -> None:
        self._rules = rules
        self._api = api
        self._cached = lru_cache(maxsize=CACHED_PATHS)(self._look_up)

    def find(self, scope: Scope) -> Place:
        """Return where a request goes."""
        path, raw, root = scope["path"], scope.get("raw_path"), scope.get("root_path", "")
        if len(path) > LONGEST_CACHED or (raw is not None and len(raw) > LONGEST_CACHED):
            return self._look_up(path, raw, root)
        return self._cached(path, raw, root)

    def _look_up(self, path: str, raw: bytes | None, root: str) -> Place:
        sent = {"path": path, "raw_path": raw, "root_path": root}
        inner = route_path(sent)
        api = self._api if self._api is not None and self._api.covers(inner) else None
        impersonal = api is not None and api.is_impersonal(inner)
        return Place(inner, self._rules.find(inner), is_odd(sent), api is not None, impersonal)
