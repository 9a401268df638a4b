"""Where a request goes: the path as the router sees it, and the rule that covers it."""

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
        self._cached: dict[tuple[str, bytes | None, str], Place] = {}

    def find(self, scope: Scope) -> Place:
        """Return where a request goes."""
        where = (scope["path"], scope.get("raw_path"), scope.get("root_path", ""))
        place = self._cached.get(where)
        if place is None:
            place = self._look_up(*where)
            self._remember(where, place)
        return place

    def _remember(self, where: tuple[str, bytes | None, str], place: Place) -> None:
        path, raw, _ = where
        if len(path) > LONGEST_CACHED or (raw is not None and len(raw) > LONGEST_CACHED):
            return
        if len(self._cached) >= CACHED_PATHS:
            self._cached.clear()  # whoever asks for many paths gets no more of this memory
        self._cached[where] = place

    def _look_up(self, path: str, raw: bytes | None, root: str) -> Place:
        sent = {"path": path, "raw_path": raw, "root_path": root}
        inner = route_path(sent)
        api = self._api if self._api is not None and self._api.covers(inner) else None
        impersonal = api is not None and api.is_impersonal(inner)
        return Place(inner, self._rules.find(inner), is_odd(sent), api is not None, impersonal)
