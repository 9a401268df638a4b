"""Connections that stay open: whether one still may, judged on the record as it is.

A stream or socket presented its token once, when it was opened. Judging it again therefore accuses
nobody and ends nothing: where its token was retired meanwhile it closes, and its client comes back
with the token the jar holds now.
"""

import msgspec

from coatcheck.core.chain import CURRENT, NEXT, Standing
from coatcheck.core.lifetimes import Rotation
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.token import Token


class Outlook(msgspec.Struct, frozen=True):
    """How an open connection fares.

    With a record it stays open, with a reason its session is over, with neither its client reconnects.

    Attributes:
        record: The session as it is.
        until: When it must be judged again though nothing changed: seconds since the epoch.
        reason: Why the session is over.
    """

    record: Record | None = None
    until: float = 0.0
    reason: Reason | None = None


RECONNECT = Outlook()


def judge_stream(token: Token, found: Record | Tombstone | None, now: float, rotation: Rotation) -> Outlook:
    """Judge an open connection by the token it was opened with; `now` in seconds since the epoch."""
    if found is None:
        return Outlook(reason=Reason.UNKNOWN_TOKEN)
    if isinstance(found, Tombstone):
        # Replaced by a sign-in in the same browser: its jar holds a newer session.
        return RECONNECT if found.reason is Reason.SUPERSEDED else Outlook(reason=found.reason)
    if found.has_expired(now, rotation.tolerance):
        return Outlook(reason=found.timeout)
    deadline = found.expires_at + rotation.tolerance
    standing = found.chain.standing(token, now, rotation)
    if standing is CURRENT or standing is NEXT:
        return Outlook(found, deadline)
    if standing is Standing.PREVIOUS:
        return Outlook(found, min(deadline, found.chain.committed_at + rotation.grace))
    return RECONNECT
