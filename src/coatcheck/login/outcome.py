"""What came of an action: a value, never an exception, with a stable code."""

import msgspec

SENTENCES = {
    "invalid_credentials": "The e-mail address or the password is not right.",
    "no_session": "Please sign in first.",
    "unknown_user": "There is no such account.",
    "too_many_attempts": "Too many attempts. Please wait, then try again.",
    "too_many_sessions": "Please sign out on another device first.",
    "email_invalid": "This is not an e-mail address.",
    "email_taken": "There is an account with this e-mail address already.",
    "impersonated": "Only the user themselves may do this. You look at the app as them.",
    "name_invalid": "Please use a shorter name, without control characters.",
}
"""What a person is told, by code; the rules for new passwords have sentences of their own."""


class Refusal(msgspec.Struct, frozen=True):
    """Why something is not accepted: a stable code, and a sentence for the person."""

    code: str
    sentence: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an action of the login room.

    Attributes:
        code: Why it was refused; empty if it was done.
        sentence: The same for the person; the same for every cause where a cause would tell too much.
        retry_after: Seconds after which a new attempt is looked at, where the throttle refused this one.
        device_token: Token of a newly known device, for the cookie `__Host-device`.
        user_id: The account acted upon, if the action was done.
    """

    code: str = ""
    sentence: str = ""
    retry_after: float | None = None
    device_token: str | None = None
    user_id: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return not self.code

    def __repr__(self) -> str:
        return f"<Outcome {self.code or 'ok'}>"


def refused(refusal: Refusal) -> Outcome:
    """Make a refusal the outcome of an action."""
    return Outcome(code=refusal.code, sentence=refusal.sentence)


def _because(code: str) -> Outcome:
    return Outcome(code=code, sentence=SENTENCES[code])


DONE = Outcome()
INVALID_CREDENTIALS = _because("invalid_credentials")
NOT_SIGNED_IN = _because("no_session")
UNKNOWN_USER = _because("unknown_user")
TOO_MANY_ATTEMPTS = _because("too_many_attempts")
TOO_MANY_SESSIONS = _because("too_many_sessions")
EMAIL_INVALID = _because("email_invalid")
EMAIL_TAKEN = _because("email_taken")
IMPERSONATED = _because("impersonated")
NAME_INVALID = _because("name_invalid")
