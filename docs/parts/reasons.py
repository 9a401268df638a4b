"""What each reason means, and what to do: the one table here that the code cannot give."""

from coatcheck.core.reason import Reason

MEANINGS: dict[Reason, tuple[str, str]] = {
    Reason.NO_SESSION: (
        "Nothing was presented.",
        "Sign in.",
    ),
    Reason.UNKNOWN_TOKEN: (
        "A token that no chain here ever issued, or one whose session was swept long ago.",
        "Sign in. Many of these from one address are somebody who guesses.",
    ),
    Reason.SUPERSEDED: (
        "The user has proven the password since this token was handed out, or has signed in anew.",
        "Repeat the request once with the browser's present cookie; then sign in. It is no logout.",
    ),
    Reason.IDLE_TIMEOUT: (
        "Nobody was active for the idle timeout.",
        "Sign in.",
    ),
    Reason.ABSOLUTE_TIMEOUT: (
        "The absolute deadline has passed, however active the user was.",
        "Sign in. Authenticating again before the deadline would have moved it.",
    ),
    Reason.LOGGED_OUT: (
        "The session's own user signed out.",
        "Sign in.",
    ),
    Reason.REVOKED: (
        "The user ended it from another session, or an operator or a change of password did.",
        "Sign in. A user who did not do it changes the password.",
    ),
    Reason.EVICTED: (
        "The user signed in once more than the cap allows; this was the oldest session.",
        "Sign in, or raise the cap.",
    ),
    Reason.TOKEN_REUSED: (
        "A retired token came back: it was copied, or the browser's own cookies went back in time.",
        "Sign in, and ask the user whether they restored a profile. If not, change the password.",
    ),
    Reason.USER_DISABLED: (
        "The account was disabled.",
        "Ask an operator.",
    ),
    Reason.ROLE_REQUIRED: (
        "The user is signed in and holds none of the roles that the route needs.",
        "Ask an operator for the role. Signing in again changes nothing.",
    ),
    Reason.REAUTHENTICATION_REQUIRED: (
        "The user authenticated too long ago for this route.",
        "Authenticate again, then repeat the request.",
    ),
    Reason.MOVED: (
        "A mark in a store whose sessions are moving to another. Nobody is told of it.",
        "Nothing: the session lives on. See [Moving](migrate.md).",
    ),
}
