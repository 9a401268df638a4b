"""The guard: one visible table of rules, and one pure decision per request.

Deny by default (ASVS 8.3.1): whatever no rule covers is protected.
"""

from collections.abc import Iterable

import msgspec

from coatcheck.core import lifetimes
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.identity import Identity
from coatcheck.core.reason import Reason
from coatcheck.web.paths import safe_target
from coatcheck.web.rule import Kind, Rule, protected
from coatcheck.web.rule_tree import RuleTree

DEFAULT = protected("/")


class Refusal(msgspec.Struct, frozen=True):
    """A rule turns a visitor away.

    Attributes:
        status: HTTP status.
        reason: Why; also the code of the problem.
        support_code: Leads whoever helps the visitor to the session, where there was one.
    """

    status: int
    reason: Reason
    support_code: str | None = None

    def about(self, support_code: str | None) -> "Refusal":
        """Return the same refusal with a support code."""
        return msgspec.structs.replace(self, support_code=support_code)


class RouteRules:
    """The rules of an app. Immutable: `with_rules` returns new ones.

    The most specific rule wins, segment by segment: a literal before a `{name}`, then the longest.

    Args:
        rules: In any order.
        login_path: Where pages send visitors; guests only unless a rule says otherwise.
        home_path: Where guests-only pages send signed-in users who were not on their way elsewhere.
        reauthenticate_path: Where pages send users who must authenticate again; without it, 403.
    """

    def __init__(
        self,
        rules: Iterable[Rule] = (),
        *,
        login_path: str = "/login",
        home_path: str = "/",
        reauthenticate_path: str | None = None,
    ) -> None:
        self.rules = tuple(rules)
        self.login_path = login_path
        self.home_path = home_path
        self.reauthenticate_path = reauthenticate_path
        for path in (login_path, home_path, reauthenticate_path or "/"):
            if safe_target(path, "") != path:
                raise ConfigurationError(f"{path!r} is no path of this app", remedy="Start it with one /")
        builtin = (DEFAULT, Rule(path=login_path, kind=Kind.GUESTS_ONLY))
        self._tree = RuleTree(builtin, self.rules)

    def with_rules(self, *rules: Rule) -> "RouteRules":
        """Return these rules and more."""
        return RouteRules(
            (*self.rules, *rules),
            login_path=self.login_path,
            home_path=self.home_path,
            reauthenticate_path=self.reauthenticate_path,
        )

    def find(self, path: str) -> Rule:
        """Return the rule that covers a path."""
        return self._tree.find(path)

    def table(self) -> list[Rule]:
        """Return every rule in effect, sorted by path: what `coatcheck routes` prints."""
        return self._tree.rules()


def judge(rule: Rule, identity: Identity | None, reason: Reason | None, now: float) -> Refusal | None:
    """Tell what a rule has against a visitor; `now` in seconds since the epoch.

    Recent authentication is counted without clock tolerance: in doubt, a password is asked for
    (ASVS 7.5.3).
    """
    if rule.kind is not Kind.PROTECTED:
        return None
    if identity is None:
        return Refusal(401, reason or Reason.NO_SESSION)
    if rule.roles and not identity.has_any_role(rule.roles):
        return Refusal(403, Reason.ROLE_REQUIRED)
    if rule.recent is not None and lifetimes.age(identity.auth_time, now) > rule.recent:
        return Refusal(403, Reason.REAUTHENTICATION_REQUIRED)
    return None
