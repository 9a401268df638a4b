"""Operators who look at the app as a user: under both names, for half an hour, while they may."""

from typing import Any

import msgspec

from coatcheck.core.errors import SessionEnded
from coatcheck.core.events import SessionOver, UserImpersonated
from coatcheck.core.identity import Identity
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.session import Session
from coatcheck.core.store import Rows
from coatcheck.manager import opening, signin
from coatcheck.manager.context import Context
from coatcheck.manager.own import own_record
from coatcheck.manager.rows import Step, TypedRows


class Look(msgspec.Struct, frozen=True, array_like=True):
    """A session in which an operator looks at the app as a user; `until` in seconds since the epoch."""

    id: str
    user_id: str
    until: float


async def impersonate(
    context: Context, session: Session[Any], user: Identity, *, refresh: signin.Refresh | None
) -> None:
    """Let the operator's own session give way to one of the user's.

    It is noted under the operator before their own is looked at once more: whoever ends the operator's
    sessions meanwhile either finds the note, or has ended that one already.
    """
    looks = _looks(context)
    await opening.refresh(context, session)
    own = own_record(session)
    operator = own.user_id or ""
    await signin.begin(context, session, user, refresh=refresh, remember=False, amr=(), actor=operator)
    if (begun := session.record) is None:
        return
    look = Look(begun.id, user.user_id, begun.absolute_at)
    now = context.now()

    def note(known: tuple[Look, ...]) -> Step[tuple[Look, ...], None]:
        return Step(None, (*(each for each in known if each.until > now), look), look.until)

    await looks.change(operator, note)
    if not isinstance(await context.load(own.id), Record):
        await context.end_now(context.endings([begun.id], Reason.REVOKED))
        raise SessionEnded("the operator's own session is over", reason=Reason.REVOKED)
    context.announcer.tell(UserImpersonated, session, now)


async def end_looks(context: Context, operator: str, reason: Reason, by: str | None) -> int:
    """End the sessions in which an operator looks at the app as somebody; return how many were alive.

    `by` names who does it.
    """
    if not isinstance(context.store, Rows):  # where nothing is noted, nobody could begin one
        return 0
    looks = _looks(context)
    if not (found := await looks.get(operator)):
        return 0
    count = await context.end_now(context.endings([look.id for look in found], reason))
    now = context.now()
    for look in found:
        context.announcer.emit(
            SessionOver(at=now, session_id=look.id, user_id=look.user_id, actor=by, reason=reason)
        )
    await looks.delete(operator)
    return count


def _looks(context: Context) -> TypedRows[tuple[Look, ...]]:
    return TypedRows(context.store, "looks:", tuple[Look, ...], ())
