"""Events of what clients present: tokens and cookies nobody handed out, or that came back."""

from dataclasses import dataclass
from typing import ClassVar

from coatcheck.core.events.event import Event
from coatcheck.core.evidence import Evidence


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
class GrantCreated(Event):
    """A client got refresh tokens that hang on the session."""

    name: ClassVar[str] = "grant.created"
    owasp: ClassVar[str] = "authn_token_created"

    grant: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantRotated(Event):
    """The successor of a refresh token was used for the first time and is current now."""

    name: ClassVar[str] = "grant.rotated"
    owasp: ClassVar[str] = "session_renewed"

    grant: str
    generation: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GrantRevoked(Event):
    """A client gave its refresh tokens back; the session goes on."""

    name: ClassVar[str] = "grant.revoked"
    owasp: ClassVar[str] = "authn_token_revoked"

    grant: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CookieDuplicate(Event):
    """The session cookie came twice, and neither was believed; `count` of them."""

    name: ClassVar[str] = "cookie.duplicate"
    owasp: ClassVar[str] = "input_validation_fail"

    count: int = 1
