"""Problems: RFC 9457 for programs, a small page for people. Both name the same stable code."""

import html
import logging
import math
from http import HTTPStatus

import msgspec
from msgspec import UNSET, UnsetType

from coatcheck.core.errors import DataError, Impersonated, KeyMissing, StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.web.answer import Answer
from coatcheck.web.guard import Refusal
from coatcheck.web.wire import Problem

_log = logging.getLogger("coatcheck")

STORE_RETRY_AFTER = 2.0  # seconds: longer than a fail-over's hiccup, shorter than a person's patience

_SENTENCES = {
    Reason.NO_SESSION: "Please sign in first.",
    Reason.UNKNOWN_TOKEN: "Please sign in first.",
    Reason.SUPERSEDED: "Your session was renewed elsewhere. Please try again.",
    Reason.IDLE_TIMEOUT: "You were signed out because nothing happened for a while.",
    Reason.ABSOLUTE_TIMEOUT: "Your session has reached its time limit. Please sign in again.",
    Reason.LOGGED_OUT: "You signed out.",
    Reason.REVOKED: "Your session was ended. Please sign in again.",
    Reason.EVICTED: "You signed in on too many devices; this one was signed out.",
    Reason.TOKEN_REUSED: "Your session was ended for your safety. Please sign in again.",
    Reason.USER_DISABLED: "This account is disabled.",
    Reason.ROLE_REQUIRED: "You may not do this.",
    Reason.REAUTHENTICATION_REQUIRED: "Please confirm your password first.",
    "cross_origin": "This request did not come from this site. Please reload the page and try again.",
    "insecure_transport": "Sessions need https.",
    "not_found": "There is nothing here.",
    "method_not_allowed": "This address does not understand that method.",
    "store_unavailable": "Sessions cannot be checked right now. Please try again in a moment.",
    "hashing_busy": "Too many people are signing in right now. Please try again in a moment.",
    "too_many_streams": "Too many pages of this site are open. Please close some.",
    "metrics_not_public": "Only this machine, or whoever has the token, may read this.",
    "invalid_grant": "Please sign in again.",
    "invalid_client": "This service may not ask about tokens.",
    "impersonated": "Only the user themselves may do this.",
    "cookie_required": "Please sign in in this browser first.",
    "unknown_audience": "There is no service of that name.",
    "no_tokens_here": "This application issues no tokens.",
    "unknown_session": "There is no such session of yours.",
    "body_too_large": "The request's body is too large.",
    "unsupported_media_type": "Send application/json, or a URL-encoded form.",
    "malformed_body": "The request's body cannot be read.",
    "invalid_body": "The request's body lacks something, or has something that does not belong there.",
}

# What a program is told besides: people at a browser never meet these but by a bug or an attack.
_REMEDIES: dict[str, str | UnsetType] = {
    "cross_origin": "Send an Origin field, or as X-CSRF-Token the csrf_token of GET /auth/session.",
    "cookie_required": "Send the session's cookie: an access token is not enough to get a refresh token.",
    "no_tokens_here": "Leave Coatcheck-Transport out, or give the application a TokenPolicy.",
    "insecure_transport": "Use https; on this very machine CookiePolicy.development() allows http.",
}


def problem(
    status: int,
    code: str,
    *,
    title: str | None = None,
    reason: Reason | None = None,
    support_code: str | None = None,
    retry_after: float | None = None,
) -> Answer:
    """Return a problem+json answer.

    Args:
        status: HTTP status.
        code: Stable, machine-readable.
        title: One sentence for a person; by the code if left out.
        reason: Why there is no session.
        support_code: Leads to the session that it is about.
        retry_after: Seconds.
    """
    content = Problem(
        type="about:blank",
        title=title or sentence(status, code),
        status=status,
        code=str(code),
        detail=_REMEDIES.get(code, UNSET),
        reason=UNSET if reason is None else reason,
        support_code=UNSET if support_code is None else support_code,
        retry_after=UNSET if retry_after is None else math.ceil(retry_after),
    )
    answer = Answer(status, ((b"content-type", b"application/problem+json"),), msgspec.json.encode(content))
    return _retrying(answer, retry_after)


def error_page(
    status: int, code: str, *, support_code: str | None = None, retry_after: float | None = None
) -> Answer:
    """Return a page for a person, without a style of its own; `retry_after` in seconds."""
    number = f"{status} <code>{html.escape(code)}</code>"
    if support_code:
        number += f" (support code <code>{support_code}</code>)"
    title = html.escape(sentence(status, code))
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><h1>{title}</h1><p>{number}</p></html>"
    )
    answer = Answer(status, ((b"content-type", b"text/html; charset=utf-8"),), body.encode())
    return _retrying(answer, retry_after)


def failure(
    status: int,
    code: str,
    *,
    page: bool,
    support_code: str | None = None,
    retry_after: float | None = None,
) -> Answer:
    """Return the page or the problem, whichever the client can read; `retry_after` in seconds."""
    if page:
        return error_page(status, code, support_code=support_code, retry_after=retry_after)
    return problem(status, code, support_code=support_code, retry_after=retry_after)


def of_refusal(refusal: Refusal) -> Answer:
    """Return the problem of a visitor whom a rule refuses."""
    return problem(refusal.status, refusal.reason, reason=refusal.reason, support_code=refusal.support_code)


def of_fault(fault: StoreUnavailable | Impersonated | DataError, *, page: bool) -> Answer:
    """Return the page or the problem for a fault that is not the visitor's."""
    if isinstance(fault, Impersonated):
        return failure(403, fault.code, page=page)
    if isinstance(fault, DataError):
        return failure(500, fault.code, page=page)
    if isinstance(fault, KeyMissing):  # the store itself works, so nothing else tells the operator
        _log.error("%s", fault)
    return failure(503, StoreUnavailable.code, page=page, retry_after=STORE_RETRY_AFTER)


def sentence(status: int, code: str) -> str:
    """Return what a person is told."""
    return _SENTENCES.get(code, HTTPStatus(status).phrase)


def _retrying(answer: Answer, retry_after: float | None) -> Answer:
    if retry_after is None:
        return answer
    return answer.with_headers((b"retry-after", b"%d" % math.ceil(retry_after)))
