"""Events of what clients present: tokens and cookies nobody handed out, or that came back."""

from dataclasses import dataclass
from typing import ClassVar

from coatcheck.core.events.event import Event
from coatcheck.core.plan import Evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenUnknown(Event):
    """A well-formed token that no chain ever issued; `count` of them, since anybody can send many."""

    name: ClassVar[str] = "token.unknown"
    owasp: ClassVar[str] = "authn_token_reuse"

    count: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenMalformed(Event):
    """A cookie that is no token at all; `count` of them."""

    name: ClassVar[str] = "token.malformed"
    owasp: ClassVar[str] = "input_validation_fail"

    count: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenReused(Event):
    """A retired token came back: stolen or replayed. The session was ended, or will be."""

    name: ClassVar[str] = "token.reused"
    owasp: ClassVar[str] = "authn_token_reuse"

    evidence: Evidence
    ended: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CookieDuplicate(Event):
    """The session cookie came twice; neither was believed."""

    name: ClassVar[str] = "cookie.duplicate"
    owasp: ClassVar[str] = "input_validation_fail"
