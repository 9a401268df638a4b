"""Sessions from the operator's side."""

import sqlite3

import msgspec
import pytest

from coatcheck.cli.databases import place
from coatcheck.core.reason import Reason
from coatcheck.core.record import Tombstone
from coatcheck.core.support import support_code
from tests.cli.conftest import DATABASE, keep, load


def ids(answer):
    return [session["id"] for session in answer.document["sessions"]]


def test_pages_hold_every_live_session_once(coatcheck, sign_in):
    began = sorted(sign_in(f"u-{number}").id for number in range(5))
    sign_in("u-late", ago=3600)  # idle for longer than allowed
    seen, after = [], ""
    while after is not None:
        page = coatcheck("sessions", "list", "--limit", "2", "--after", after, "--json")
        assert len(ids(page)) <= 2
        seen += ids(page)
        after = page.document["next"]
    assert seen == began


def test_ended_sessions_do_not_shorten_a_page(coatcheck, sign_in):
    began = sorted(sign_in(f"u-{number}").id for number in range(6))
    for id in began[:3]:
        coatcheck("sessions", "revoke", id)
    assert ids(coatcheck("sessions", "list", "--limit", "3", "--json")) == began[3:]


def test_a_list_can_be_of_one_user(coatcheck, sign_in):
    mine = sorted(sign_in("u-ada").id for _ in range(3))
    sign_in("u-eve")
    assert ids(coatcheck("sessions", "list", "--user", "u-ada", "--json")) == mine
    first = coatcheck("sessions", "list", "--user", "u-ada", "--limit", "2", "--json")
    assert (ids(first), first.document["next"]) == (mine[:2], mine[1])
    assert ids(coatcheck("sessions", "list", "--user", "u-ada", "--after", mine[1], "--json")) == mine[2:]


def test_a_user_can_be_named_by_address(coatcheck, sign_in):
    user = coatcheck("users", "add", "ada@example.test", "--json").document["user"]
    record = sign_in(user["id"])
    assert ids(coatcheck("sessions", "list", "--user", "Ada@Example.test", "--json")) == [record.id]
    assert coatcheck("sessions", "list", "--user", "eve@example.test").status == 1


def test_people_see_who_where_and_since_when(coatcheck, sign_in):
    record = sign_in()
    answer = coatcheck("sessions", "list")
    for part in (record.id, "ada@example.test", "Firefox on Linux", "192.0.2.1"):
        assert part in answer.out
    sign_in()
    assert "more with --after" in coatcheck("sessions", "list", "--limit", "1").out


@pytest.mark.parametrize("flags", [(), ("--json",)])
@pytest.mark.parametrize("command", ["list", "show"])
def test_nothing_secret_is_shown(coatcheck, sign_in, command, flags):
    record = sign_in(secret="the user's own")
    arguments = [record.id] if command == "show" else []
    out = coatcheck("sessions", command, *arguments, *flags).out
    assert record.id in out
    chain = record.chain
    secrets = [chain.family_digest, chain.digest, chain.next_digest, chain.next_key, record.csrf_key]
    assert not [secret for secret in secrets if secret.hex() in out.lower()]
    assert "the user's own" not in out


def test_show_tells_the_facts_and_the_keys_of_the_data(coatcheck, sign_in):
    record = sign_in(cart=[1, 2], theme="dark")
    facts = coatcheck("sessions", "show", record.id, "--json").document
    assert facts["state"] == "alive"
    assert facts["roles"] == ["user"]
    assert facts["amr"] == ["pwd"]
    assert facts["data_keys"] == ["cart", "theme"]
    assert facts["expires_at"] < facts["absolute_expires_at"]
    shown = coatcheck("sessions", "show", record.id).out
    assert "cart, theme" in shown
    assert "Firefox on Linux" in shown


def test_show_tells_the_expired_from_the_ended(coatcheck, sign_in):
    late, ended = sign_in(ago=3600), sign_in()
    coatcheck("sessions", "revoke", ended.id)
    assert coatcheck("sessions", "show", late.id, "--json").document["state"] == "expired"
    facts = coatcheck("sessions", "show", ended.id, "--json").document
    assert (facts["state"], facts["reason"], facts["user_id"]) == ("ended", "revoked", "u-ada")
    assert "ended" in coatcheck("sessions", "show", ended.id).out


def test_revoke_ends_one_session_for_good(coatcheck, sign_in):
    record, other = sign_in(), sign_in()
    assert coatcheck("sessions", "revoke", record.id, "--json").document == {"id": record.id, "revoked": True}
    assert load(record.id).reason is Reason.REVOKED
    assert not isinstance(load(other.id), Tombstone)


def test_revoking_twice_says_so(coatcheck, sign_in):
    record = sign_in()
    assert coatcheck("sessions", "revoke", record.id).out == f"revoked {record.id}\n"
    again = coatcheck("sessions", "revoke", record.id)
    assert (again.status, again.out) == (0, f"{record.id} was over already: revoked\n")


def test_a_row_that_cannot_be_read_can_be_revoked(coatcheck, sign_in, folder):
    record = sign_in()
    with sqlite3.connect(folder / "coatcheck.db") as connection:
        connection.execute("UPDATE coatcheck_sessions SET record = x'80' WHERE id = ?", (record.id,))
    connection.close()
    assert coatcheck("sessions", "show", record.id).status == 2
    assert coatcheck("sessions", "revoke", record.id).status == 0
    assert isinstance(load(record.id), Tombstone)


@pytest.mark.parametrize("command", ["show", "revoke"])
def test_an_unknown_session_is_one_line_and_status_1(coatcheck, sign_in, command):
    sign_in()
    answer = coatcheck("sessions", command, "0" * 32)
    assert answer.status == 1
    assert answer.complaint.startswith(f"coatcheck: there is no session '{'0' * 32}' in sqlite:///")
    assert load("0" * 32) is None


def test_where_nobody_is_signed_in_the_database_is_named(coatcheck, sign_in):
    coatcheck("sessions", "revoke", sign_in().id)
    assert coatcheck("sessions", "list").out == f"no live sessions in {DATABASE}\n"


def test_a_place_is_told_without_its_password():
    assert place("postgresql://app:hunter2@db/app?password=hunter2") == "postgresql://db/app"
    assert place("sqlite:///app.db") == "sqlite:///app.db"


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_client_cannot_steer_the_terminal(coatcheck, sign_in, flags):
    record = sign_in("\x1b[2J\x9b31m[bold]eve")
    out = coatcheck("sessions", "show", record.id, *flags).out
    assert not {"\x1b", "\x9b"} & set(out)
    assert "[bold]eve" in out


def test_explain_tells_a_life_by_id_by_its_beginning_and_by_support_code(coatcheck, sign_in):
    record = sign_in()
    coatcheck("sessions", "revoke", record.id)
    code = support_code(record.id)
    for which in (record.id, record.id[:12], code, code.lower().replace("-", "")):
        life = coatcheck("sessions", "explain", which, "--json").document
        assert (life["id"], life["support_code"]) == (record.id, code)
        assert life["moments"][-1]["details"] == {"reason": "it was revoked"}
    told = coatcheck("sessions", "explain", code).out
    assert "Session ended" in told
    assert "it was revoked" in told


def test_explain_names_the_sessions_that_a_short_beginning_may_mean(coatcheck, sign_in):
    record = sign_in()
    twin = msgspec.structs.replace(record, id=record.id[:8] + "0" * 24)
    keep(twin)
    answer = coatcheck("sessions", "explain", record.id[:8])
    assert answer.status == 1
    assert twin.id in answer.complaint
    assert record.id in answer.complaint


def test_explain_of_nothing_known_is_one_line_and_status_1(coatcheck, sign_in):
    sign_in()
    for which in ("0000-0000", ""):
        answer = coatcheck("sessions", "explain", which)
        assert (answer.status, f"there is no session '{which}' in sqlite:///" in answer.complaint) == (
            1,
            True,
        )
        assert "the beginning of one or a code like 7K3M-Q2XP" in answer.complaint


def test_everybody_is_signed_out_by_who_says_yes(coatcheck, sign_in):
    records = [sign_in(f"u-{number}") for number in range(3)]
    refused = coatcheck("sessions", "revoke-everyone", stdin="n\n")
    assert refused.status == 1
    assert "nobody was signed out" in refused.err
    assert not isinstance(load(records[0].id), Tombstone)
    assert coatcheck("sessions", "revoke-everyone", stdin="y\n").out.endswith("3 revoked\n")
    assert all(load(record.id).reason is Reason.REVOKED for record in records)
    assert coatcheck("sessions", "revoke-everyone", "--yes", "--json").document == {"revoked": 0}


def test_everybody_are_more_than_one_step(coatcheck, sign_in, monkeypatch):
    monkeypatch.setattr("coatcheck.manager.everyone.STEP", 2)
    for number in range(5):
        sign_in(f"u-{number}")
    assert coatcheck("sessions", "revoke-everyone", "--yes").out == "5 revoked\n"
