"""One route rule: what it takes to reach a path and everything below it."""

from collections.abc import Iterable
from enum import Enum
from typing import Literal

import msgspec

from coatcheck.core.errors import ConfigurationError
from coatcheck.web.paths import is_odd

AnswerAs = Literal["auto", "page", "api"]


class Kind(Enum):
    """Whom a route lets in."""

    PUBLIC = "public"
    PROTECTED = "protected"
    GUESTS_ONLY = "guests only"


PUBLIC = Kind.PUBLIC  # as a name of the module: every request asks for it


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule for a path. Make one with `public`, `protected` or `guests_only`.

    Attributes:
        path: Whole segments; `{name}` stands for any one segment.
        kind: Whom it lets in.
        exact: The path alone, not what lies below it.
        roles: One of these is needed; empty for any signed-in user.
        recent: The user must have authenticated at most so many seconds ago; None for whenever.
        passive: Requests never count as activity.
        answer: Refuse with a redirect (`page`), with problem+json (`api`), or as the request asks.
    """

    path: str
    kind: Kind
    exact: bool = False
    roles: frozenset[str] = frozenset()
    recent: float | None = None
    passive: bool = False
    answer: AnswerAs = "auto"

    def __post_init__(self) -> None:
        if is_odd({"path": self.path}):
            raise ConfigurationError(
                f"the rule for {self.path!r} can never match",
                remedy="Write a path of whole segments that starts with /",
            )
        if self.answer not in ("auto", "page", "api"):
            raise ConfigurationError(f"answer={self.answer!r}", remedy="Use 'auto', 'page' or 'api'")
        if self.recent is not None and not self.recent > 0:
            raise ConfigurationError(f"recent={self.recent!r}", remedy="Give recent in seconds")

    @property
    def segments(self) -> tuple[str, ...]:
        """The path in parts; a trailing slash makes no difference."""
        return tuple(self.path.strip("/").split("/")) if self.path != "/" else ()

    @property
    def reach(self) -> tuple[tuple[str, ...], bool]:
        """What it covers: two rules with one reach contradict each other, whatever they call a parameter."""
        return tuple("{}" if is_parameter(segment) else segment for segment in self.segments), self.exact


def public(path: str, *, exact: bool = False, passive: bool = False, answer: AnswerAs = "auto") -> Rule:
    """Let everybody in. For the home page alone: `public("/", exact=True)`."""
    return Rule(path=path, kind=PUBLIC, exact=exact, passive=passive, answer=answer)


def protected(
    path: str,
    *,
    roles: Iterable[str] = (),
    recent: float | None = None,
    exact: bool = False,
    passive: bool = False,
    answer: AnswerAs = "auto",
) -> Rule:
    """Let signed-in users in: with one of `roles`, authenticated at most `recent` seconds ago."""
    if isinstance(roles, str):
        raise ConfigurationError(f"roles={roles!r} is one text", remedy='Write roles={"admin"}')
    return Rule(
        path=path,
        kind=Kind.PROTECTED,
        exact=exact,
        roles=frozenset(roles),
        recent=recent,
        passive=passive,
        answer=answer,
    )


def guests_only(path: str, *, exact: bool = False, answer: AnswerAs = "auto") -> Rule:
    """Let visitors in, such as to the login page; a signed-in user is sent on."""
    return Rule(path=path, kind=Kind.GUESTS_ONLY, exact=exact, answer=answer)


def is_parameter(segment: str) -> bool:
    """Tell whether a segment of a rule's path stands for any one segment."""
    return segment.startswith("{") and segment.endswith("}")
