"""Events of people at the door: who was let in, who was turned away, what they changed."""

from dataclasses import dataclass
from typing import ClassVar

from coatcheck.core.events.event import Event
from coatcheck.core.reason import Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessDenied(Event):
    """A guard turned a request away."""

    name: ClassVar[str] = "access.denied"
    owasp: ClassVar[str] = "authz_fail"

    reason: Reason
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CrossOriginRefused(Event):
    """An unsafe request did not come from the app's own pages; `count` of them, and this one's path."""

    name: ClassVar[str] = "csrf.refused"
    owasp: ClassVar[str] = "malicious_csrf"

    path: str
    count: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class LoginSucceeded(Event):
    """Somebody proved who they are; `new_device` tells that this browser had not signed in before."""

    name: ClassVar[str] = "login.succeeded"
    owasp: ClassVar[str] = "authn_login_success"

    amr: tuple[str, ...]
    new_device: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LoginFailed(Event):
    """A sign-in attempt failed; the answer never tells why, this does. `tried`: see `LoginThrottled`."""

    name: ClassVar[str] = "login.failed"
    owasp: ClassVar[str] = "authn_login_fail"

    cause: str
    tried: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LoginThrottled(Event):
    """An attempt was refused before any password was looked at.

    `tried` stands for the name that was given: the same for the same name while the worker lives, and
    nobody can tell the name from it. Names that are nobody's may well be passwords in the wrong field.
    """

    name: ClassVar[str] = "login.throttled"
    owasp: ClassVar[str] = "excess_rate_limit_exceeded"

    retry_after: float
    tried: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PasswordChanged(Event):
    """A user changed their password; their other sessions ended."""

    name: ClassVar[str] = "password.changed"
    owasp: ClassVar[str] = "authn_password_change"


@dataclass(frozen=True, kw_only=True, slots=True)
class UserRegistered(Event):
    """An account was made."""

    name: ClassVar[str] = "user.registered"
    owasp: ClassVar[str] = "user_created"


@dataclass(frozen=True, kw_only=True, slots=True)
class UserDisabled(Event):
    """An account was disabled; its sessions ended."""

    name: ClassVar[str] = "user.disabled"
    owasp: ClassVar[str] = "user_updated"


@dataclass(frozen=True, kw_only=True, slots=True)
class UserEnabled(Event):
    """A disabled account was opened again."""

    name: ClassVar[str] = "user.enabled"
    owasp: ClassVar[str] = "user_updated"


@dataclass(frozen=True, kw_only=True, slots=True)
class UserUnlocked(Event):
    """The throttle's stop was lifted from an account."""

    name: ClassVar[str] = "user.unlocked"
    owasp: ClassVar[str] = "user_updated"
