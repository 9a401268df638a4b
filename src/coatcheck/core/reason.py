"""Why a session is not there: one vocabulary for logs, HTTP bodies, metrics and docs."""

from enum import StrEnum


class Reason(StrEnum):
    """A stable code. The same word everywhere (protocol.md section 5).

    `MOVED` alone is none that anybody is told: it marks a session that lives on in another store.
    """

    NO_SESSION = "no_session"
    UNKNOWN_TOKEN = "unknown_token"
    SUPERSEDED = "superseded"
    IDLE_TIMEOUT = "idle_timeout"
    ABSOLUTE_TIMEOUT = "absolute_timeout"
    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"
    EVICTED = "evicted"
    TOKEN_REUSED = "token_reused"
    USER_DISABLED = "user_disabled"
    ROLE_REQUIRED = "role_required"
    REAUTHENTICATION_REQUIRED = "reauthentication_required"
    MOVED = "moved"
