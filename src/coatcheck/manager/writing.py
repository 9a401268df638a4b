"""Writing before the close: what a handler wants stored now."""

from typing import Any

from coatcheck.core.change import Change
from coatcheck.core.errors import SessionEnded
from coatcheck.core.reason import Reason
from coatcheck.core.session import Session
from coatcheck.manager.context import Context


async def save(context: Context, session: Session[Any]) -> None:
    """Store changed data."""
    changes = session.changes()
    if not changes:
        return
    saved = session.record and await context.save(session.record.id, Change(data=changes))
    if saved is None:
        raise SessionEnded("there is no live session to save to", reason=Reason.NO_SESSION)
    session.rebase(saved)
    session.has_saved = True


async def touch(context: Context, session: Session[Any], seen_at: float | None) -> None:
    """Record activity, never of the future."""
    if session.record is None:
        return
    now = context.now()
    stamp = now if seen_at is None else min(seen_at, now)
    await context.store.touch([(session.record.id, stamp)])
    session.record = session.record.touched(stamp) or session.record
