"""Ending everybody's sessions: a walk over the store in bounded steps, which anybody can take up again."""

import msgspec

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events import SessionOver
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.store import Scan
from coatcheck.manager.context import Context

STEP = 250  # sessions looked at in one step


class Everyone(msgspec.Struct, frozen=True, kw_only=True):
    """Which sessions are to end.

    Attributes:
        began_before: Those that began until this moment, in seconds since the epoch.
        keep: Id of a session that goes on.
        by: The operator who does it, for the events.
    """

    began_before: float
    keep: str | None = None
    by: str | None = None


class Progress(msgspec.Struct, frozen=True):
    """What one step came to: the id to go on after (None at the end), and how many sessions it ended."""

    after: str | None
    ended: int


def share_of(after: str) -> float:
    """Return how much of a walk is done, from 0 to 1, once ids up to `after` are: they are spread evenly."""
    return int(after[:8], 16) / 0x1_0000_0000 if after else 0.0


async def revoke_some(context: Context, everyone: Everyone, after: str) -> Progress:
    """End the sessions that are meant among the next `STEP` ids; see `SessionManager.revoke_some`."""
    store = context.store
    if not isinstance(store, Scan):
        raise ConfigurationError(
            f"{type(store).__name__} cannot be walked over", remedy="Give your store the skill Scan"
        )
    rows = await store.scan(after, STEP)
    meant = [
        row
        for row in rows
        if isinstance(row, Record) and row.created_at <= everyone.began_before and row.id != everyone.keep
    ]
    ended = 0
    if meant:
        ended = await context.end_now(context.endings([record.id for record in meant], Reason.REVOKED))
    now = context.now()
    for record in meant:
        over = SessionOver(
            at=now,
            session_id=record.id,
            user_id=record.user_id,
            actor=everyone.by,
            reason=Reason.REVOKED,
        )
        context.announcer.emit(over)
    return Progress(rows[-1].id if len(rows) == STEP else None, ended)
