import msgspec

from coatcheck.core import noting
from coatcheck.core.change import Change, Commit, Elevation
from coatcheck.core.identity import Identity
from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending
from coatcheck.testing.contract import NOW, sample_record


def test_a_session_that_begins_is_noted():
    record = sample_record(1, "ada")
    note = noting.created(record)
    assert (note.parts, note.user_id, note.at) == (("session.created", record.id, ""), "ada", NOW)


def test_a_session_that_ends_is_noted_and_one_that_moves_is_not():
    note = noting.ended(Ending("0a", Reason.REVOKED, NOW), "ada")
    assert note is not None
    assert (note.parts, note.user_id, note.at) == (("session.ended", "0a", "revoked"), "ada", NOW)
    assert noting.ended(Ending("0a", Reason.MOVED, NOW), "ada") is None


def test_a_commit_is_noted_by_its_kind():
    chain = msgspec.structs.replace(sample_record(1).chain, generation=7, committed_at=NOW + 1)
    rotation = noting.moved_on("0a", Change(commit=Commit(expected=b"", chain=chain)), "ada")
    elevation = Elevation(at=NOW + 2, amr=("pwd",), absolute_at=NOW + 9)
    proof = noting.moved_on(
        "0a", Change(commit=Commit(expected=b"", chain=chain, authenticated=elevation)), "ada"
    )
    assert rotation is not None
    assert proof is not None
    assert (rotation.parts, rotation.at) == (("session.rotated", "0a", "7"), NOW + 1)
    assert (proof.parts, proof.at) == (("session.reauthenticated", "0a", ""), NOW + 2)
    assert noting.moved_on("0a", Change(seen_at=NOW), "ada") is None
    standing = Commit(expected=chain.digest, chain=chain, authenticated=elevation)
    assert noting.moved_on("0a", Change(commit=standing), "ada") is None


def test_new_facts_are_noted_once_for_all_sessions():
    note = noting.updated(Identity(user_id="ada", roles=frozenset({"user", "admin"})))
    assert note.parts == ("user.updated", "ada", "admin,user")
