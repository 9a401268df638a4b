"""What an event says in a person's words, and how much it weighs."""

from collections.abc import Mapping
from typing import Any, Literal

from coatcheck.core.events import (
    AccessDenied,
    AnomalyFound,
    CapReached,
    ClockSkewed,
    CookieDuplicate,
    CrossOriginRefused,
    Event,
    GrantCreated,
    GrantRevoked,
    GrantRotated,
    LoginFailed,
    LoginSucceeded,
    LoginThrottled,
    PasswordChanged,
    RecordCorrupt,
    SessionCreated,
    SessionOver,
    SessionReauthenticated,
    SessionRefused,
    SessionRotated,
    SinkFailed,
    StoreFailed,
    StoreRolledBack,
    StreamClosed,
    SweepFinished,
    TokenMalformed,
    TokenReused,
    TokenUnknown,
    UserDisabled,
    UserEnabled,
    UserImpersonated,
    UserRegistered,
    UserRevoked,
    UserUnlocked,
    UserUpdated,
)
from coatcheck.core.reason import Reason

Weight = Literal["plain", "good", "warning", "alarm"]

REASONS: Mapping[str, str] = {
    Reason.NO_SESSION: "there was no session",
    Reason.UNKNOWN_TOKEN: "nobody handed out such a token",
    Reason.SUPERSEDED: "a newer session or token took its place",
    Reason.IDLE_TIMEOUT: "nobody was active for too long",
    Reason.ABSOLUTE_TIMEOUT: "it had lasted as long as a session may",
    Reason.LOGGED_OUT: "its user signed out",
    Reason.REVOKED: "it was revoked",
    Reason.EVICTED: "a newer session of the user needed its place",
    Reason.TOKEN_REUSED: "a token came back that had been replaced",
    Reason.USER_DISABLED: "the account was disabled",
    Reason.ROLE_REQUIRED: "the user lacks the role",
    Reason.REAUTHENTICATION_REQUIRED: "the last proof of identity was too long ago",
    Reason.MOVED: "it lives on in another store",
}

TITLES: Mapping[str, tuple[Weight, str]] = {
    SessionCreated.name: ("good", "Session began"),
    SessionRotated.name: ("plain", "Token renewed"),
    SessionReauthenticated.name: ("good", "Identity proven again"),
    SessionOver.name: ("plain", "Session ended"),
    SessionRefused.name: ("warning", "Turned away"),
    StreamClosed.name: ("plain", "An open page was told of the end"),
    CapReached.name: ("warning", "As many sessions as allowed"),
    UserUpdated.name: ("plain", "Facts of the account changed"),
    UserRevoked.name: ("warning", "All sessions of the user ended"),
    LoginSucceeded.name: ("good", "Signed in"),
    LoginFailed.name: ("warning", "Sign-in failed"),
    LoginThrottled.name: ("warning", "Sign-in held back"),
    PasswordChanged.name: ("plain", "Password changed"),
    UserRegistered.name: ("good", "Account made"),
    UserDisabled.name: ("warning", "Account disabled"),
    UserEnabled.name: ("warning", "Account opened again"),
    UserUnlocked.name: ("plain", "Stop on sign-ins lifted"),
    AccessDenied.name: ("warning", "Access denied"),
    CrossOriginRefused.name: ("warning", "Request from another site refused"),
    TokenUnknown.name: ("warning", "Unknown token presented"),
    TokenMalformed.name: ("warning", "Malformed token presented"),
    TokenReused.name: ("alarm", "A replaced token came back"),
    GrantCreated.name: ("plain", "Refresh token handed out"),
    GrantRotated.name: ("plain", "Refresh token renewed"),
    GrantRevoked.name: ("plain", "Refresh token given back"),
    CookieDuplicate.name: ("warning", "The cookie came twice"),
    RecordCorrupt.name: ("alarm", "A stored row could not be read"),
    StoreRolledBack.name: ("alarm", "The store lost a write"),
    StoreFailed.name: ("alarm", "The store failed"),
    ClockSkewed.name: ("warning", "Clocks differ"),
    SweepFinished.name: ("plain", "Sweep finished"),
    UserImpersonated.name: ("warning", "An operator looked on as this user"),
    SinkFailed.name: ("alarm", "A record of events has a gap"),
}
ALARMS = (AnomalyFound.name, *(name for name, (weight, _) in TITLES.items() if weight == "alarm"))
"""The kinds of events that need somebody's eyes: what a rule noticed, however much it weighs, among them."""

_SEVERITIES: Mapping[str, Weight] = {"notice": "plain", "warning": "warning", "alarm": "alarm"}
# Said elsewhere, or of no use to a person.
_UNSAID = frozenset(
    {"event", "owasp", "time", "at", "session_id", "user_id", "actor", "device", "request_id", "rule"}
)

_FIELDS = {"amr": "proved by", "tried": "mark of the name tried"}
_WAYS = {"pwd": "password"}


def is_alarm(event: Event) -> bool:
    """Tell whether an event needs somebody's eyes."""
    return event.name in ALARMS


def title(body: Mapping[str, Any]) -> str:
    """Return what happened, in a few words; `body` is what `describe` makes of an event."""
    name = str(body.get("event", ""))
    if name == AnomalyFound.name:
        return f"Anomaly: {_spaced(str(body.get('rule', '')))}"
    _, words = TITLES.get(name, ("plain", _spaced(name).capitalize()))
    return words


def weight(body: Mapping[str, Any]) -> Weight:
    """Return how much it weighs."""
    name = str(body.get("event", ""))
    if name == AnomalyFound.name:
        return _SEVERITIES.get(str(body.get("severity")), "warning")
    return TITLES.get(name, ("plain", ""))[0]


def details(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what else an event says, as names with texts."""
    said: list[tuple[str, str]] = []
    for field, value in body.items():
        if field not in _UNSAID:
            said += _said(field, value)
    return said


def _said(field: str, value: object) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [(_spaced(str(name)), _text(each)) for name, each in value.items()]
    if field == "evidence" and isinstance(value, list | tuple):
        return [(_spaced(str(name)), _text(each)) for name, each in value]
    if field == "reason":
        return [("reason", REASONS.get(str(value), _spaced(str(value))))]
    if field == "amr" and isinstance(value, list | tuple):
        value = [_WAYS.get(str(way), str(way)) for way in value]
    return [(_FIELDS.get(field) or _spaced(field), _text(value))]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _spaced(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")
