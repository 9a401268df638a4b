"""The words behind the codes that the library puts into a redirect: the library's own, but for two."""

from coatcheck.admin.wording import span
from coatcheck.core.reason import Reason
from coatcheck.core.support import id_prefix
from coatcheck.demo.pages.query import Query
from coatcheck.login import Login
from coatcheck.web.problem import sentence

# Said in the words of the demo: its users know their sessions as tickets, and what to do about a stolen one.
BY_REASON = {
    Reason.LOGGED_OUT: "You are signed out.",
    Reason.TOKEN_REUSED: "An old ticket of this session was shown, so the session was ended. "
    "If that was not you, change your password.",
}


def reason_sentence(query: Query) -> str | None:
    """Return the words for why somebody was sent here; None for what is no reason of ours."""
    if query.reason is None or query.reason not in set(Reason):
        return None
    reason = Reason(query.reason)
    return BY_REASON.get(reason) or sentence(401, reason)


def support_code_of(query: Query) -> str | None:
    """Return the code to name to whoever helps; None for what is none of ours."""
    code = query.support_code
    return code if code and id_prefix(code) else None


def error_sentence(login: Login, query: Query) -> str | None:
    """Return the words for why an act was refused; None for what is no code of ours."""
    told = login.sentence(query.error or "")
    if told and query.retry_after and query.retry_after.isdecimal():
        return f"{told} ({span(int(query.retry_after[:6]))})"
    return told
