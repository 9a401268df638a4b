"""Which event settles which note, and what a note tells where its event was lost with its worker."""

from typing import Any

from coatcheck.core.events import (
    Event,
    SessionCreated,
    SessionOver,
    SessionReauthenticated,
    SessionRotated,
    UserUpdated,
)
from coatcheck.core.ledger import Note, note_key
from coatcheck.core.reason import Reason


def settled_by(event: Event) -> str | None:
    """Return the key of the note that was left with what an event tells of, if any is."""
    match event:
        case SessionCreated() | SessionReauthenticated():
            return note_key(event.name, event.session_id)
        case SessionOver(reason=detail) | SessionRotated(generation=detail):
            return note_key(event.name, event.session_id, detail)
        case UserUpdated(roles=roles):
            return note_key(event.name, event.user_id, ",".join(roles))
    return None


def told_by(note: Note, now: float) -> Event | None:
    """Return the event that a note stands for, as far as it knows; None if a newer library left it."""
    try:
        return _told_by(note, now)
    except ValueError:
        return None


def _told_by(note: Note, now: float) -> Event | None:
    name, subject, detail = note.parts
    session: dict[str, Any] = {"at": note.at or now, "session_id": subject, "user_id": note.user_id}
    match name:
        case SessionCreated.name:
            return SessionCreated(**session)
        case SessionReauthenticated.name:
            return SessionReauthenticated(**session)
        case SessionRotated.name:
            return SessionRotated(**session, generation=int(detail))
        case SessionOver.name:
            return SessionOver(**session, reason=Reason(detail))
        case UserUpdated.name:
            roles = tuple(detail.split(",")) if detail else ()
            return UserUpdated(at=note.at or now, user_id=subject, roles=roles, sessions=1)
    return None
