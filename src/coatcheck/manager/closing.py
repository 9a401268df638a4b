"""Closing: carry out what `plan.settle` decided, before the response starts."""

from collections.abc import Coroutine
from typing import Any

from coatcheck.core import plan, touch
from coatcheck.core.acts import NO_ACTS
from coatcheck.core.change import NO_DATA_CHANGE, Change, Commit, DataChange
from coatcheck.core.device import describe
from coatcheck.core.errors import CorruptRecord, SessionEnded, StoreUnavailable
from coatcheck.core.events import (
    SessionOver,
    SessionReauthenticated,
    SessionRotated,
    StoreFailed,
)
from coatcheck.core.plan import Cookie, CookieChange, Plan
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.session import Session
from coatcheck.core.token import Token
from coatcheck.core.touch import Touch, touch_interval
from coatcheck.core.visit import Response, Visit
from coatcheck.manager import opening, signin
from coatcheck.manager.context import DELETE_COOKIE, Context

NOTHING_CHANGED = (None,)  # the cookie stays as it is


def close(context: Context, session: Session[Any], response: Response) -> Coroutine[Any, Any, None] | None:
    """Close a session once; return what has to be awaited for it, or None where nothing has.

    Raises:
        DataError: The handler left data that cannot be stored.
    """
    if session.closed is not None:
        return None
    record, seen_at = session.record, session.opened_at if response.active else None
    data = session.changes() if response.status < plan.FIRST_SERVER_ERROR else NO_DATA_CHANGE
    if session.acts is NO_ACTS and data is NO_DATA_CHANGE:
        if record is None:
            session.closed = NOTHING_CHANGED
            return None
        # As of when it was opened, which takes no second look at the clock: at worst an offer comes later.
        standing, now = session.admission.standing, session.opened_at
        quiet = plan.routine(record, standing, seen_at, now, context.lifetimes)
        if quiet is not None:
            _defer_touch(context, record, seen_at, quiet.touch)
            session.closed = NOTHING_CHANGED
            return None
    return _close(context, session, _visit(session, response, data, seen_at))


async def _close(context: Context, session: Session[Any], visit: Visit) -> None:
    move = plan.draw(visit, context.entropy)
    decided = plan.settle(visit, context.now(), context.lifetimes, move)
    if visit.record is not None:
        _defer_touch(context, visit.record, visit.seen_at, decided.touch)
    session.closed = (await _carry_out(context, session, visit, decided),)


def _visit(session: Session[Any], response: Response, data: DataChange, seen_at: float | None) -> Visit:
    acts, token = session.acts, session.token
    return Visit(
        session.record,
        session.admission.standing if token else None,
        token,
        data,
        seen_at,
        response.status,
        response.cacheable,
        acts.handout is not None,
        acts.ended,
        acts.authenticated,
        acts.replaced,
    )


def _defer_touch(context: Context, record: Record, seen_at: float | None, when: Touch) -> None:
    """Leave an activity stamp to a later batch, where that is the plan."""
    if seen_at is not None and when is not touch.NONE:
        context.backlog.touch(record, seen_at, touch_interval(record, context.lifetimes))


async def _carry_out(
    context: Context, session: Session[Any], visit: Visit, decided: Plan
) -> CookieChange | None:
    """Make at most one write, and tell which cookie the response must carry."""
    if decided.cookie is Cookie.CLEAR:
        return DELETE_COOKIE
    if decided.create:
        return await signin.create_visitor(context, session, visit.data)
    if visit.record is None:
        return None
    if session.acts.handout is not None:
        return await _conclude_signin(context, session, visit.record, session.acts.handout, decided)
    return await _continue(context, session, visit.record, visit, decided)


async def _conclude_signin(
    context: Context, session: Session[Any], record: Record, handout: Token, decided: Plan
) -> CookieChange | None:
    if decided.endings:
        await context.end(decided.endings)
    left = session.acts.left
    whose = {"user_id": left.user_id, "actor": left.actor} if left else {"user_id": None, "actor": None}
    for over in decided.endings:
        context.announcer.tell(SessionOver, session, over.at, reason=over.reason, session_id=over.id, **whose)
    if decided.cookie is not Cookie.SET:
        return None
    if decided.change:
        await _write(context, session, record, decided.change)
    return context.handout(handout, record)


async def _continue(
    context: Context, session: Session[Any], record: Record, visit: Visit, decided: Plan
) -> CookieChange | None:
    if decided.change and not await _write(context, session, record, decided.change):
        return None
    if decided.renewed:
        return context.handout(decided.renewed, session.record or record)
    if decided.offer and visit.token:
        written = session.record if session.record is not record else None
        return await _offer(context, written, visit, visit.token)
    return None


async def _write(context: Context, session: Session[Any], record: Record, change: Change) -> bool:
    """Make the one write; tell whether the session is still there.

    Raises:
        SessionEnded: The token lost its standing while the request was under way.
        StoreUnavailable: Data or a re-authentication could not be stored.
    """
    try:
        saved = await context.save(record.id, change)
    except CorruptRecord:
        context.tell_corrupt(record.id)
        return False
    except StoreUnavailable:
        if change.data or (change.commit and change.commit.authenticated):
            raise
        _postpone(context, record, change)
        return True
    if saved is None:
        return False
    session.rebase(saved)
    session.has_saved |= bool(change.data or (change.commit and change.commit.authenticated))
    if change.commit is not None:
        await _check_commit(context, session, change.commit, saved)
    return True


def _postpone(context: Context, record: Record, change: Change) -> None:
    """Let a commit wait for the token's next use, and an activity stamp for the store."""
    context.announcer.emit(StoreFailed(at=context.now(), session_id=record.id, verb="save"))
    if change.seen_at is not None:
        context.backlog.touch(record, change.seen_at, 0.0)


async def _check_commit(context: Context, session: Session[Any], commit: Commit, saved: Record) -> None:
    """Tell of a commit that won; judge the token again, once, where it lost."""
    now, won = context.now(), saved.chain.next_key == commit.chain.next_key
    if won and commit.authenticated:
        context.announcer.tell(SessionReauthenticated, session, now)
    elif won:
        is_same = saved.device == describe(session.client.ip, session.client.user_agent)
        facts = {"generation": saved.chain.generation, "begun_on": None if is_same else saved.device}
        context.announcer.tell(SessionRotated, session, now, **facts)
    else:
        admission = plan.admit_again(session.token, saved, session.opened_at, context.lifetimes.rotation)
        if admission.admitted and not commit.authenticated:
            return
        await opening.refuse(context, session, admission, saved)
        reason = admission.reason or Reason.SUPERSEDED
        raise SessionEnded("the session moved on while this request was under way", reason=reason)


async def _offer(context: Context, written: Record | None, visit: Visit, token: Token) -> CookieChange | None:
    """Hand out the successor, judged on the record as it is at this moment."""
    try:
        found = written or await context.load(token.id)
    except StoreUnavailable:
        return None  # the next request will be offered it
    if not isinstance(found, Record):
        return None
    if not plan.may_offer(visit, found, context.now(), context.lifetimes.rotation):
        return None
    return context.handout(token.successor(found.chain.next_key), found)
