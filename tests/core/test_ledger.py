import hashlib

import msgspec
import pytest

from coatcheck.core.events import SessionCreated
from coatcheck.core.events.wire import describe
from coatcheck.core.ledger import Entry, Note, Search, follow, genesis, note_key
from coatcheck.testing.contract.auditing import sample_chain


def test_a_digest_covers_the_text_and_all_before_it():
    first = follow(genesis("a"), b"{}")
    assert first == hashlib.sha256(hashlib.sha256(b"a").digest() + b"{}").digest()
    assert follow(first, b"{}") != first
    assert genesis("a") != genesis("b")


def entry(text: bytes) -> Entry:
    return Entry(chain="a", seq=1, digest=b"", text=text, name="told", at=1.0)


def test_an_entry_tells_its_event_if_it_is_about_one():
    event = SessionCreated(at=1.0, session_id="0a")
    assert entry(msgspec.json.encode(describe(event))).event == event
    assert entry(b'{"event": "audit.checkpoint"}').event is None
    assert entry(b"[1").event is None


@pytest.mark.parametrize("user_id", ["ada", "with space", "Łukasz"])
def test_the_parts_of_a_key_come_back(user_id):
    note = Note(note_key("user.updated", user_id, "admin,user"), user_id, 0.0)
    assert note.parts == ("user.updated", user_id, "admin,user")
    assert Note(note_key("session.created", "0a"), None, 0.0).parts == ("session.created", "0a", "")


def test_a_search_matches_what_fits_all_that_it_asks_for():
    entries = sample_chain("a", 6)
    assert [e.seq for e in entries if Search().matches(e)] == [1, 2, 3, 4, 5, 6]
    assert [e.seq for e in entries if Search(session_id="session 1").matches(e)] == [1, 4]
    assert [e.seq for e in entries if Search(user_id="user 1", name="odd").matches(e)] == [1, 3, 5]
    assert [e.seq for e in entries if Search(since=entries[1].at, until=entries[3].at).matches(e)] == [2, 3]
