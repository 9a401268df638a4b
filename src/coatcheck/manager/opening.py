"""Opening: from the text of a cookie to a session, with one read at most."""

from collections.abc import Coroutine
from typing import Any

from coatcheck.core import plan
from coatcheck.core.chain import Standing
from coatcheck.core.client import Client
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.events import (
    SessionOver,
    SessionRefused,
    StoreRolledBack,
    TokenMalformed,
    TokenReused,
    TokenUnknown,
)
from coatcheck.core.moving import moved_away
from coatcheck.core.plan import Admission, Verdict
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.session import Session
from coatcheck.core.store import Absent
from coatcheck.core.token import Token, parse
from coatcheck.manager.context import Context, Recall


def open_session(
    context: Context, text: str | bytes | None, client: Client, recall: Recall | None
) -> Session[Any] | Coroutine[Any, Any, Session[Any]]:
    """Judge what was presented, at once or after a read; always a session, though perhaps nobody's.

    What `recall` finds may be outdated, so it only admits; every other verdict is taken on a read. Two are
    not, or anybody could force a read with each request: an id that the store did not know, for nobody
    holds a token before it is stored; and a token of no family of the session, where nothing is outdated or
    its address has spent what it may cost. Without `recall` all are.
    """
    if text is None:
        return Session(None, None, plan.NOBODY, context.data_type, client)
    now, token = context.clock.now() + context.offset, parse(text)
    if token is None:
        stranger = Session(None, None, plan.UNKNOWN, context.data_type, client, now)
        context.announcer.sample(TokenMalformed, stranger, now)
        return stranger
    found = None if recall is None else recall(token.id)
    if found is None:
        return _read(context, token, client)
    if isinstance(found, Absent):
        return _unknown(context, client, None, now)
    admission = plan.admit(token, found, now, context.lifetimes.rotation)
    if admission.verdict is plan.ADMIT:
        return Session(found, token, admission, context.data_type, client, now)
    if admission is plan.UNKNOWN and (not context.staleness or context.strangers.has_spent(client.ip, now)):
        return _unknown(context, client, found, now)
    return _read(context, token, client)


async def refresh(context: Context, session: Session[Any]) -> bool:
    """Judge a session that was recalled on a read, in place; tell whether that had to be done."""
    token = session.token
    if token is None or not context.is_recalled(session):
        return False
    found = await context.load(token.id)
    admission = plan.admit(token, found, context.now(), context.lifetimes.rotation)
    session.is_fresh = True
    if admission.admitted and isinstance(found, Record):
        session.renew(found)
        return True
    session.rebase(None)
    session.token, session.admission = None, admission
    await refuse(context, session, admission, found)
    return True


async def refuse(
    context: Context, session: Session[Any], admission: Admission, found: Record | Tombstone | None
) -> None:
    """Act on a verdict against a token: end what was stolen, and tell."""
    now, tell = context.now(), context.announcer.tell
    facts = _whose(found)
    if admission.verdict is Verdict.END and isinstance(found, Record):
        alive = await context.end(context.endings([found.id], Reason.TOKEN_REUSED))
        tell(TokenReused, session, now, evidence=admission.evidence, ended=alive is not None, **facts)
        if alive:
            tell(SessionOver, session, now, reason=Reason.TOKEN_REUSED, **facts)
        session.refused_id = found.id
    elif admission.reason is Reason.UNKNOWN_TOKEN:
        _tell_unknown(context, session, found, now)
    else:
        if admission.standing is Standing.AHEAD:
            tell(StoreRolledBack, session, now, **facts)
        tell(SessionRefused, session, now, reason=admission.reason, **facts)
        session.refused_id = found.id if found else None


def _unknown(context: Context, client: Client, found: Record | None, now: float) -> Session[Any]:
    stranger = Session(None, None, plan.UNKNOWN, context.data_type, client, now)
    _tell_unknown(context, stranger, found, now)
    return stranger


def _tell_unknown(
    context: Context, session: Session[Any], found: Record | Tombstone | None, now: float
) -> None:
    context.strangers.note(session.client.ip, now)
    context.announcer.sample(TokenUnknown, session, now, **_whose(found))


def _whose(found: Record | Tombstone | None) -> dict[str, str | None]:
    if found is None:
        return {}
    actor = found.actor if isinstance(found, Record) else None
    return {"session_id": found.id, "user_id": found.user_id, "actor": actor}


async def _read(context: Context, token: Token, client: Client) -> Session[Any]:
    now = context.now()
    try:
        if context.strangers.has_spent(client.ip, now):
            async with context.strangers.turn(client.ip):
                found = await context.store.load(token.id)
        else:
            found = await context.store.load(token.id)
    except CorruptRecord:
        context.tell_corrupt(token.id)
        found = None
    admission = plan.admit(token, found, now, context.lifetimes.rotation)
    if admission.admitted and isinstance(found, Record):
        session = Session(found, token, admission, context.data_type, client, now)
        session.is_fresh = True
        return session
    if admission.reason is Reason.MOVED:
        raise moved_away()
    refused = Session(None, None, admission, context.data_type, client, now)
    await refuse(context, refused, admission, found)
    return refused
