"""Events of sessions: begun, renewed, refused, over."""

from dataclasses import dataclass
from typing import ClassVar

from coatcheck.core.device import Device
from coatcheck.core.events.event import Event
from coatcheck.core.reason import Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionCreated(Event):
    """A session began: anonymous without a user id, signed in with one."""

    name: ClassVar[str] = "session.created"
    owasp: ClassVar[str] = "session_created"


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRotated(Event):
    """The successor of a token was used for the first time and is current now.

    `begun_on` is the client that opened the session, where another one uses it now.
    """

    name: ClassVar[str] = "session.rotated"
    owasp: ClassVar[str] = "session_renewed"

    generation: int
    begun_on: Device | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionReauthenticated(Event):
    """The user proved themselves again; the token is fresh and both deadlines start anew."""

    name: ClassVar[str] = "session.reauthenticated"
    owasp: ClassVar[str] = "session_renewed"


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionOver(Event):
    """A session is over; `reason` tells whether its user left or somebody ended it."""

    name: ClassVar[str] = "session.ended"
    owasp: ClassVar[str] = "session_logout"

    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRefused(Event):
    """The holder of an authentic token was turned away."""

    name: ClassVar[str] = "session.refused"
    owasp: ClassVar[str] = "session_use_after_expire"

    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamClosed(Event):
    """An open stream or socket was told that its session had ended, `delay` seconds before."""

    name: ClassVar[str] = "stream.closed"
    owasp: ClassVar[str] = "session_logout"

    reason: Reason
    delay: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CapReached(Event):
    """One user had as many sessions as the cap allows; `evicted` were ended, or the new one denied."""

    name: ClassVar[str] = "session.cap_reached"
    owasp: ClassVar[str] = "excess_sessions_exceeded"

    evicted: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class UserUpdated(Event):
    """A user's facts changed in all their sessions."""

    name: ClassVar[str] = "user.updated"
    owasp: ClassVar[str] = "privilege_permissions_changed"

    roles: tuple[str, ...]
    sessions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UserRevoked(Event):
    """All sessions of a user, or all but one, were ended from outside."""

    name: ClassVar[str] = "user.revoked"
    owasp: ClassVar[str] = "authn_token_revoked"

    reason: Reason
    sessions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UserImpersonated(Event):
    """An operator, the actor, began to look at the app as a user."""

    name: ClassVar[str] = "user.impersonated"
    owasp: ClassVar[str] = "authz_admin"
