"""Signing in and out; and a visitor's session, when there is data to keep."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from coatcheck.core import codec
from coatcheck.core.chain import KEY_BYTES, start
from coatcheck.core.change import DataChange, merge
from coatcheck.core.device import describe
from coatcheck.core.errors import SessionEnded, StaleUser, TooManySessions
from coatcheck.core.events import CapReached, SessionCreated, SessionOver
from coatcheck.core.identity import Identity
from coatcheck.core.lifetimes import MINUTE
from coatcheck.core.plan import CookieChange
from coatcheck.core.reason import Reason
from coatcheck.core.record import EMPTY_DATA, Record
from coatcheck.core.session import Session
from coatcheck.core.token import Token, mint
from coatcheck.manager import opening
from coatcheck.manager.context import Context
from coatcheck.manager.own import own_record

ATTEMPTS = 5

IMPERSONATION = 30 * MINUTE  # at most: an operator looks, and leaves

Refresh = Callable[[str], Awaitable[Identity | None]]


async def begin(
    context: Context,
    session: Session[Any],
    user: Identity,
    *,
    refresh: Refresh | None,
    remember: bool,
    amr: tuple[str, ...],
    actor: str | None = None,
) -> None:
    """Create the user's session; start over from the account while its facts move.

    One that an operator begins puts none of the user's own out, and was authenticated by nobody.
    """
    data = _carried(session, context.carry_over)
    for attempts_left in reversed(range(ATTEMPTS)):
        entry = await context.user(user.user_id)
        identity = await refresh(user.user_id) if refresh else user
        if identity is None:
            raise SessionEnded("the account is gone or disabled", reason=Reason.USER_DISABLED)
        identity = identity.authenticated(0.0 if actor else context.now(), amr)
        record, token = _mint(context, session, identity, remember=remember, data=data, actor=actor)
        try:
            evicted = await context.store.create(record, entry.version, None if actor else context.cap)
        except StaleUser:
            if refresh is None or not attempts_left:
                raise
            continue
        except TooManySessions:
            context.announcer.tell(CapReached, session, context.now(), user_id=user.user_id, evicted=())
            raise
        _continue_on(session, record, token)
        _tell(context, session, evicted)
        return


async def create_visitor(context: Context, session: Session[Any], data: DataChange) -> CookieChange:
    """Create an anonymous session for the data a visitor left."""
    record, token = _mint(context, session, None, remember=False, data=merge(EMPTY_DATA, data))
    await context.store.create(record)
    session.rebase(record)
    context.announcer.tell(SessionCreated, session, record.created_at)
    return context.handout(token, record)


async def reauthenticate(context: Context, session: Session[Any], amr: tuple[str, ...]) -> None:
    """Note that the user proved themselves again; `close` makes it hold."""
    await opening.refresh(context, session)
    own_record(session)
    session.acts = replace(session.acts, authenticated=amr)


async def sign_out(context: Context, session: Session[Any]) -> None:
    """End the session, and those that a sign-in on this request was to replace."""
    ids = [*session.acts.replaced, *([session.record.id] if session.record else [])]
    if ids and await context.end_now(context.endings(ids, Reason.LOGGED_OUT)):
        context.announcer.tell(SessionOver, session, context.now(), reason=Reason.LOGGED_OUT)
    session.acts = replace(session.acts, ended=True, replaced=())
    session.rebase(None)
    session.token = None


def _carried(session: Session[Any], allowed: frozenset[str]) -> bytes:
    """Keep only what the app allows of a visitor's data, and nothing of another user's (ASVS 7.2.4)."""
    if session.identity is not None or not allowed:
        return EMPTY_DATA
    return codec.join({key: codec.encode_value(value) for key, value in session.items() if key in allowed})


def _mint(
    context: Context,
    session: Session[Any],
    identity: Identity | None,
    *,
    remember: bool,
    data: bytes,
    actor: str | None = None,
) -> tuple[Record, Token]:
    now = context.now()
    span = context.lifetimes.span(remember=remember)
    token = mint(context.entropy)
    record = Record(
        id=token.id,
        chain=start(token, now, context.entropy.token_bytes(KEY_BYTES)),
        identity=identity,
        device=describe(session.client.ip, session.client.user_agent),
        csrf_key=context.entropy.token_bytes(KEY_BYTES),
        created_at=now,
        last_seen_at=now,
        idle=span.idle,
        absolute_at=now + (min(span.absolute, IMPERSONATION) if actor else span.absolute),
        remember=remember,
        data=data,
        actor=actor,
    )
    return record, token


def _continue_on(session: Session[Any], record: Record, token: Token) -> None:
    acts, left = session.acts, session.record
    if left is not None:
        acts = replace(acts, replaced=(*acts.replaced, left.id), left=left)
    session.acts = replace(acts, handout=token, ended=False)
    session.rebase(record)
    session.token = None


def _tell(context: Context, session: Session[Any], evicted: tuple[str, ...]) -> None:
    now = context.now()
    context.announcer.tell(SessionCreated, session, now)
    if evicted:
        context.announcer.tell(CapReached, session, now, evicted=evicted)
    for id in evicted:
        context.announcer.tell(SessionOver, session, now, session_id=id, reason=Reason.EVICTED)
