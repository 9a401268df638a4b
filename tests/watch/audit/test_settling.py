import pytest

from coatcheck.core.events import (
    SessionCreated,
    SessionOver,
    SessionReauthenticated,
    SessionRotated,
    StoreFailed,
    UserUpdated,
)
from coatcheck.core.ledger import Note, note_key
from coatcheck.core.reason import Reason
from coatcheck.watch.audit.settling import settled_by, told_by

SESSION = {"at": 5.0, "session_id": "0a", "user_id": "ada"}


@pytest.mark.parametrize(
    "event",
    [
        SessionCreated(**SESSION),
        SessionRotated(**SESSION, generation=7),
        SessionReauthenticated(**SESSION),
        SessionOver(**SESSION, reason=Reason.REVOKED),
        UserUpdated(at=5.0, user_id="ada", roles=("admin", "user"), sessions=1),
        UserUpdated(at=5.0, user_id="ada", roles=(), sessions=1),
    ],
    ids=lambda event: event.name,
)
def test_a_note_tells_what_its_event_tells(event):
    key = settled_by(event)
    assert key is not None
    assert told_by(Note(key, "ada", 5.0), 9.0) == event


def test_a_note_without_a_moment_is_of_now():
    event = told_by(Note(note_key("user.updated", "ada"), "ada", 0.0), 9.0)
    assert event is not None
    assert event.at == 9.0


def test_an_event_that_changes_no_session_settles_nothing():
    assert settled_by(StoreFailed(at=5.0, verb="save")) is None


def test_a_note_of_a_newer_library_is_left_to_it():
    assert told_by(Note(note_key("session.cloned", "0a"), None, 5.0), 9.0) is None
    assert told_by(Note(note_key("session.ended", "0a", "bored"), None, 5.0), 9.0) is None
