"""Where a request goes: what answers it, and the rule that covers it."""

from typing import Protocol

import msgspec

from coatcheck.web.answer import App, Receive, Scope, Send
from coatcheck.web.caching import CHECKED, LOOKED
from coatcheck.web.csrf import SAFE_METHODS
from coatcheck.web.guard import RouteRules
from coatcheck.web.paths import is_odd, route_path
from coatcheck.web.rule import PUBLIC, Rule

MOST_REMEMBERED = 1024
LONGEST_REMEMBERED = 512  # characters of method, path, raw path and mount point together


class Api(Protocol):
    """Answers the paths that it covers, each method by a rule of its own."""

    def covers(self, path: str) -> bool:
        """Tell whether a path is the API's."""
        ...  # pragma: no cover

    def rule(self, method: str, path: str) -> Rule:
        """Return the rule that guards a call."""
        ...  # pragma: no cover

    def is_impersonal(self, path: str) -> bool:
        """Tell whether a path is answered alike for everybody."""
        ...  # pragma: no cover

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call that the guard let pass."""
        ...  # pragma: no cover


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a method and a path.

    Attributes:
        path: Without the mount point.
        app: What answers there.
        rule: What covers it.
        odd: Two programs could disagree about which resource it names: nothing is served there.
        api: The HTTP API answers there, each method by a rule of its own.
        impersonal: It answers everybody alike, whatever their session.
        safe: The method changes nothing (RFC 9110 9.2.1), so it does not matter who sent the request.
        open: The rule lets everybody in.
        varies_by: What an answer is made from that looked at the session.
    """

    path: str
    app: App
    rule: Rule
    odd: bool
    api: bool
    impersonal: bool
    safe: bool
    open: bool
    varies_by: bytes


class Places:
    """Looks places up, and remembers the latest: rules never change once the app has started.

    Args:
        app: The application.
        rules: Who may go where in it.
        api: The HTTP API, if it is served.
    """

    def __init__(self, app: App, rules: RouteRules, api: Api | None) -> None:
        self._app = app
        self._rules = rules
        self._api = api
        self._remembered: dict[tuple[str | bytes | None, ...], Place] = {}

    def find(self, scope: Scope) -> Place:
        """Return where a request goes, or a WebSocket, which never goes to the API."""
        try:
            return self._remembered[scope["method"], scope["path"], scope["raw_path"], scope["root_path"]]
        except KeyError:  # not seen lately; or a WebSocket, or a server that leaves out what it may
            return self._look_up(scope)

    def _look_up(self, scope: Scope) -> Place:
        method = scope.get("method")
        where = method, scope["path"], scope.get("raw_path"), scope.get("root_path", "")
        place = self._remembered.get(where)
        if place is None:
            place = self._place(scope, method)
            if sum(len(part) for part in where if part) <= LONGEST_REMEMBERED:
                self._remember(where, place)
        return place

    def _remember(self, where: tuple[str | bytes | None, ...], place: Place) -> None:
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()  # whoever asks for many paths gets no more of this memory
        self._remembered[where] = place

    def _place(self, scope: Scope, method: str | None) -> Place:
        path, app = route_path(scope), self._app
        rule, api = self._rules.find(path), self._api
        if api is not None and method is not None and api.covers(path):
            app, rule = api, api.rule(method, path)
        else:
            api = None
        safe = method is None or method in SAFE_METHODS
        return Place(
            path=path,
            app=app,
            rule=rule,
            odd=is_odd(scope),
            api=api is not None,
            impersonal=api is not None and api.is_impersonal(path),
            safe=safe,
            open=rule.kind is PUBLIC,
            varies_by=LOOKED if safe else CHECKED,
        )
