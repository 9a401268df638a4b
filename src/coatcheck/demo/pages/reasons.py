"""The words behind the codes that the library puts into a redirect."""

from coatcheck.core.reason import Reason

REASONS: dict[str, str] = {
    Reason.NO_SESSION: "Please sign in first.",
    Reason.IDLE_TIMEOUT: "You were signed out because nothing happened for a while.",
    Reason.ABSOLUTE_TIMEOUT: "Your session reached its longest duration. Please sign in again.",
    Reason.LOGGED_OUT: "You have signed out.",
    Reason.REVOKED: "This session was ended from somewhere else.",
    Reason.EVICTED: "You signed in on another device, and this session had to make room.",
    Reason.TOKEN_REUSED: "An old ticket of this session was shown, so the session was ended. "
    "If that was not you, change your password.",
    Reason.USER_DISABLED: "This account is disabled.",
    Reason.REAUTHENTICATION_REQUIRED: "Please confirm your password first.",
    Reason.SUPERSEDED: "Please sign in again.",
    Reason.UNKNOWN_TOKEN: "Please sign in again.",
}

ERRORS: dict[str, str] = {
    "invalid_credentials": "The e-mail address or the password is not right.",
    "too_many_attempts": "Too many attempts. Please wait, then try again.",
    "too_many_sessions": "You are signed in on as many devices as allowed. Sign out on one of them first.",
    "email_taken": "There is an account with this e-mail address already.",
    "email_invalid": "This does not look like an e-mail address.",
    "name_invalid": "This name cannot be used.",
    "password_too_short": "Please use at least 15 characters; a sentence is fine.",
    "password_too_long": "Please use at most 1,024 characters.",
    "password_common": "This password, or what it repeats, is on the lists that are tried first.",
    "password_personal": "This password is little more than a name others know.",
}


def reason_sentence(code: str | None) -> str | None:
    """Return the words for why somebody was sent here; None for what is no code of ours."""
    return REASONS.get(code or "")


def error_sentence(code: str | None, retry_after: str | None = None) -> str | None:
    """Return the words for why an act was refused; `retry_after` in seconds."""
    sentence = ERRORS.get(code or "")
    if sentence and retry_after and retry_after.isdecimal():
        return f"{sentence} ({int(retry_after[:6])} seconds)"
    return sentence
