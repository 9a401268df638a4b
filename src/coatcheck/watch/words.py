"""What an event says in a person's words, and how much it weighs."""

from collections.abc import Mapping
from typing import Any, Literal

Weight = Literal["plain", "good", "warning", "alarm"]

REASONS: Mapping[str, str] = {
    "no_session": "there was no session",
    "unknown_token": "nobody handed out such a token",
    "superseded": "a newer session or token took its place",
    "idle_timeout": "nobody was active for too long",
    "absolute_timeout": "it had lasted as long as a session may",
    "logged_out": "its user signed out",
    "revoked": "it was revoked",
    "evicted": "a newer session of the user needed its place",
    "token_reused": "a token came back that had been replaced",
    "user_disabled": "the account was disabled",
    "role_required": "the user lacks the role",
    "reauthentication_required": "the last proof of identity was too long ago",
    "moved": "it lives on in another store",
}

TITLES: Mapping[str, tuple[Weight, str]] = {
    "session.created": ("good", "Session began"),
    "session.rotated": ("plain", "Token renewed"),
    "session.reauthenticated": ("good", "Identity proven again"),
    "session.ended": ("plain", "Session ended"),
    "session.refused": ("warning", "Turned away"),
    "stream.closed": ("plain", "An open page was told of the end"),
    "session.cap_reached": ("warning", "As many sessions as allowed"),
    "user.updated": ("plain", "Facts of the account changed"),
    "user.revoked": ("warning", "All sessions of the user ended"),
    "login.succeeded": ("good", "Signed in"),
    "login.failed": ("warning", "Sign-in failed"),
    "login.throttled": ("warning", "Sign-in held back"),
    "password.changed": ("plain", "Password changed"),
    "user.registered": ("good", "Account made"),
    "user.disabled": ("warning", "Account disabled"),
    "user.enabled": ("warning", "Account opened again"),
    "user.unlocked": ("plain", "Stop on sign-ins lifted"),
    "access.denied": ("warning", "Access denied"),
    "csrf.refused": ("warning", "Request from another site refused"),
    "token.unknown": ("warning", "Unknown token presented"),
    "token.malformed": ("warning", "Malformed token presented"),
    "token.reused": ("alarm", "A replaced token came back"),
    "grant.created": ("plain", "Refresh token handed out"),
    "grant.rotated": ("plain", "Refresh token renewed"),
    "grant.revoked": ("plain", "Refresh token given back"),
    "cookie.duplicate": ("warning", "The cookie came twice"),
    "record.corrupt": ("alarm", "A stored row could not be read"),
    "store.rolled_back": ("alarm", "The store lost a write"),
    "store.failed": ("alarm", "The store failed"),
    "clock.skewed": ("warning", "Clocks differ"),
    "sweep.finished": ("plain", "Sweep finished"),
    "user.impersonated": ("warning", "An operator looked on as this user"),
    "sink.failed": ("alarm", "A record of events has a gap"),
}
_SEVERITIES: Mapping[str, Weight] = {"notice": "plain", "warning": "warning", "alarm": "alarm"}
# Said elsewhere, or of no use to a person.
_UNSAID = frozenset(
    {"event", "owasp", "time", "at", "session_id", "user_id", "actor", "device", "request_id", "rule"}
)


def title(body: Mapping[str, Any]) -> str:
    """Return what happened, in a few words; `body` is what `describe` makes of an event."""
    name = str(body.get("event", ""))
    if name == "anomaly.found":
        return f"Anomaly: {_spaced(str(body.get('rule', '')))}"
    _, words = TITLES.get(name, ("plain", _spaced(name).capitalize()))
    return words


def weight(body: Mapping[str, Any]) -> Weight:
    """Return how much it weighs."""
    name = str(body.get("event", ""))
    if name == "anomaly.found":
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
        return [("reason", REASONS.get(str(value), str(value)))]
    return [(_spaced(field), _text(value))]


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
