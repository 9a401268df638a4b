"""Opening: from the text of a cookie to a session, with one read."""

from typing import Any

from coatcheck.core import plan
from coatcheck.core.chain import Standing
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
from coatcheck.core.session import Client, Session
from coatcheck.core.token import parse
from coatcheck.manager.context import Context


def visitor(context: Context, client: Client) -> Session[Any]:
    """Return the session of a visitor who presents nothing."""
    return Session(data_type=context.data_type, client=client)


async def open_session(context: Context, text: str | None, client: Client) -> Session[Any]:
    """Judge what was presented; always a session, though perhaps nobody's."""
    if text is None:
        return visitor(context, client)
    now = context.now()
    token = parse(text)
    if token is None:
        stranger = Session(None, None, plan.UNKNOWN, context.data_type, client=client, opened_at=now)
        context.announcer.sample(TokenMalformed, stranger, now)
        return stranger
    try:  # `Context.load` written out: every request would pay for one coroutine more
        found = await context.store.load(token.id)
    except CorruptRecord:
        context.tell_corrupt(token.id)
        found = None
    admission = plan.admit(token, found, now, context.lifetimes.rotation)
    if admission.admitted and isinstance(found, Record):
        return Session(found, token, admission, context.data_type, client=client, opened_at=now)
    if admission.reason is Reason.MOVED:
        raise moved_away()
    refused = Session(None, None, admission, context.data_type, client=client, opened_at=now)
    await refuse(context, refused, admission, found)
    return refused


async def refuse(
    context: Context, session: Session[Any], admission: Admission, found: Record | Tombstone | None
) -> None:
    """Act on a verdict against a token: end what was stolen, and tell."""
    now, tell = context.now(), context.announcer.tell
    facts = {"session_id": found.id, "user_id": found.user_id} if found else {}
    if admission.verdict is Verdict.END and isinstance(found, Record):
        alive = await context.end(context.endings([found.id], Reason.TOKEN_REUSED))
        tell(TokenReused, session, now, evidence=admission.evidence, ended=alive is not None, **facts)
        if alive:
            tell(SessionOver, session, now, reason=Reason.TOKEN_REUSED, **facts)
    elif admission.reason is Reason.UNKNOWN_TOKEN:
        context.announcer.sample(TokenUnknown, session, now, **facts)
    else:
        if admission.standing is Standing.AHEAD:
            tell(StoreRolledBack, session, now, **facts)
        tell(SessionRefused, session, now, reason=admission.reason, **facts)
