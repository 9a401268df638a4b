"""Closing: carry out what `plan.settle` decided, before the response starts."""

from typing import Any

from coatcheck.core import plan, touch
from coatcheck.core.change import NO_DATA_CHANGE, Change, Commit
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
from coatcheck.core.touch import touch_interval
from coatcheck.core.visit import Visit
from coatcheck.manager import opening, signin
from coatcheck.manager.context import DELETE_COOKIE, Context


def decide(
    context: Context, session: Session[Any], *, status: int, active: bool, cacheable: bool
) -> tuple[Visit, Plan]:
    """Return what one request leaves behind, and what is to be done about it."""
    acts, token = session.acts, session.token
    visit = Visit(
        session.record,
        session.admission.standing if token else None,
        token,
        session.changes() if status < plan.FIRST_SERVER_ERROR else NO_DATA_CHANGE,
        session.opened_at if active else None,
        status,
        cacheable,
        acts.handout is not None,
        acts.ended,
        acts.authenticated,
        acts.replaced,
    )
    move = plan.draw(visit, context.entropy)
    return visit, plan.settle(visit, context.now(), context.lifetimes, move)


def defer_touch(context: Context, visit: Visit, decided: Plan) -> None:
    """Leave an activity stamp to a later batch, where that is the plan."""
    record, seen_at = visit.record, visit.seen_at
    if record is None or seen_at is None or decided.touch is touch.NONE:
        return
    due_at = seen_at
    if decided.touch is touch.HELD:
        due_at = record.last_seen_at + touch_interval(record, context.lifetimes)
    context.backlog.touch(record.id, seen_at, due_at)


async def carry_out(
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
    for over in decided.endings:
        context.announcer.tell(SessionOver, session, over.at, reason=over.reason, session_id=over.id)
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
        saved = await context.store.save(record.id, change)
    except CorruptRecord:
        context.tell_corrupt(record.id)
        return False
    except StoreUnavailable:
        if change.data or (change.commit and change.commit.authenticated):
            raise
        _postpone(context, record, change)
        return True
    if saved is None:
        await context.require_over([record.id])  # it moved: what the request did is stored nowhere
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
        context.backlog.touch(record.id, change.seen_at, change.seen_at)


async def _check_commit(context: Context, session: Session[Any], commit: Commit, saved: Record) -> None:
    """Tell of a commit that won; judge the token again, once, where it lost."""
    now, won = context.now(), saved.chain.next_key == commit.chain.next_key
    if won and commit.authenticated:
        context.announcer.tell(SessionReauthenticated, session, now)
    elif won:
        context.announcer.tell(SessionRotated, session, now, generation=saved.chain.generation)
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
