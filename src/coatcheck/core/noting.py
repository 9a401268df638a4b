"""What a store notes of the changes it makes: see `ledger.Notes`."""

from coatcheck.core.change import Change
from coatcheck.core.events.sessions import (
    SessionCreated,
    SessionOver,
    SessionReauthenticated,
    SessionRotated,
    UserUpdated,
)
from coatcheck.core.identity import Identity
from coatcheck.core.ledger import Note, note_key
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.store import Ending


def created(record: Record) -> Note:
    """Return the note of a session that begins."""
    return Note(note_key(SessionCreated.name, record.id), record.user_id, record.created_at)


def ended(ending: Ending, user_id: str | None) -> Note | None:
    """Return the note of a session that ends; none of one that only moves."""
    if ending.reason is Reason.MOVED:
        return None
    return Note(note_key(SessionOver.name, ending.id, ending.reason), user_id, ending.at)


def moved_on(id: str, change: Change, user_id: str | None) -> Note | None:
    """Return the note of a commit that counted; None if the change has none, or one that moves nothing."""
    commit = change.commit
    if commit is None or commit.chain.digest == commit.expected:
        return None
    if commit.authenticated:
        return Note(note_key(SessionReauthenticated.name, id), user_id, commit.authenticated.at)
    generation = commit.chain.generation
    return Note(note_key(SessionRotated.name, id, generation), user_id, commit.chain.committed_at)


def updated(identity: Identity) -> Note:
    """Return the note of an account's new facts, one for all its sessions."""
    roles = ",".join(sorted(identity.roles))
    return Note(note_key(UserUpdated.name, identity.user_id, roles), identity.user_id, 0.0)
