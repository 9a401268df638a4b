"""The ledger on the command line: looked at, looked through, written out, and verified."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from coatcheck import Identity, SessionManager
from coatcheck.core.ledger import Entry, Search, follow, genesis
from coatcheck.stores import open_store
from coatcheck.watch.audit import Audit, read
from coatcheck.watch.audit.chain import canonical
from tests.cli.conftest import DATABASE

Work = Callable[[Any], Any]


def with_store(work: Work) -> Any:
    async def run() -> Any:
        store = open_store(DATABASE)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


@pytest.fixture
def audited() -> list[str]:
    """Sessions of an application that keeps a ledger; the first has ended."""

    async def work(store: Any) -> list[str]:
        async with SessionManager(store, observers=[Audit()]) as manager:
            ids = []
            for user_id in ("ada", "bob"):
                session = await manager.open(None, ip="192.0.2.7", user_agent="Firefox")
                await manager.begin(session, Identity(user_id=user_id))
                await manager.close(session)
                ids.append(session.record.id)
            await manager.revoke(ids[0])
        return ids

    return with_store(work)


def names(document: Any) -> list[str]:
    return [entry["body"]["event"] for entry in document["entries"]]


def test_the_tail_is_the_newest_last(coatcheck, audited):
    lines = coatcheck("audit", "tail", "--limit", "2").out.splitlines()
    assert "session.ended  ada" in lines[0]
    assert "reason=revoked" in lines[0]
    assert "audit.checkpoint" in lines[1]
    assert "chains=1 value" in lines[1]
    assert [json.loads(line)["seq"] for line in coatcheck("audit", "tail", "--json").out.splitlines()] == [
        1,
        2,
        3,
        4,
    ]


def test_a_query_finds_what_it_asks_for(coatcheck, audited):
    def query(*options: str) -> list[str]:
        return names(coatcheck("audit", "query", *options, "--json").document)

    assert query("--session", audited[0]) == ["session.ended", "session.created"]
    assert query("--user", "bob") == ["session.created"]
    assert query("--event", "session.ended") == ["session.ended"]
    assert query("--text", "REVOKED") == ["session.ended"]
    assert query("--since", "1h", "--user", "ada") == ["session.ended", "session.created"]
    assert query("--until", "1h") == []
    assert query("--until", "2020-01-01T10:00+02:00") == []
    assert "192.0.2.7" in coatcheck("audit", "query", "--user", "bob").out
    assert coatcheck("audit", "query", "--user", "eve").out == "no such entries\n"


def test_pages_follow_each_other(coatcheck, audited):
    first = coatcheck("audit", "query", "--limit", "3", "--json").document
    rest = coatcheck("audit", "query", "--before", str(first["next"]), "--json").document
    assert names(first) + names(rest) == [
        "audit.checkpoint",
        "session.ended",
        "session.created",
        "session.created",
    ]
    assert rest["next"] is None
    assert f"more with --before {first['next']}" in coatcheck("audit", "query", "--limit", "3").out


def test_a_kind_of_event_that_is_none_is_told_with_the_nearest(coatcheck, audited):
    answer = coatcheck("audit", "query", "--event", "session.endd")
    assert (answer.status, "Did you mean session.ended" in answer.complaint) == (2, True)
    assert coatcheck("audit", "query", "--event", "audit.checkpoint", "--json").document["entries"]


def test_a_moment_that_is_none_is_told(coatcheck, audited):
    assert "'yesterday' is no moment" in coatcheck("audit", "query", "--since", "yesterday").complaint


def test_the_export_can_be_verified_by_anybody(coatcheck, audited, folder):
    coatcheck("audit", "export", "--output", "ledger.jsonl")
    text = (folder / "ledger.jsonl").read_text()
    assert coatcheck("audit", "export").out == text
    lines = [json.loads(line) for line in text.splitlines()]
    digest = genesis(lines[0]["chain"])
    for line in lines:
        digest = follow(digest, canonical(line["body"]))
        assert line["digest"] == digest.hex()
    assert [line["place"] for line in lines] == sorted(line["place"] for line in lines)
    assert coatcheck("audit", "export", "--until", "1h").out == ""


def test_an_entry_that_cannot_be_read_is_shown_as_far_as_it_can(coatcheck, audited):
    async def damage(store: Any) -> None:
        entry = Entry(chain="z", seq=1, digest=b"", text=b"{\xff", name="session.ended", at=1.0)
        await store.append([entry])

    with_store(damage)
    for command in ("tail", "query"):
        assert "An entry of the ledger that cannot be read" in coatcheck("audit", command).out
    damaged = json.loads(coatcheck("audit", "export").out.splitlines()[-1])
    assert (damaged["body"], damaged["text"]) == (None, "{\\xff")


def test_a_ledger_in_order_is_told(coatcheck, audited):
    assert coatcheck("audit", "verify").out.startswith(
        "4 entries in 1 chain are as they were written; 1 checkpoint vouches for them until "
    )
    document = coatcheck("audit", "verify", "--json").document
    assert (document["entries"], document["findings"]) == (4, [])


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ("text = replace(text, 'Firefox', 'Netscape')", "entry 2: it is not what was written there"),
        ("text = 7", "entry 2: it is not what was written there"),
        ("text = x'7b22ff223a317d'", "entry 2: it is not what was written there"),
        ("digest = 'abc'", "entry 2: it is not what was written there"),
        ("seq = 'second'", "entry 3: the 1 before it are missing"),
        ("chain = CAST(chain AS BLOB)", "entry 3: the 1 before it are missing"),
        ("at = 'noon'", "entry 2: it is searched by what it does not say"),
        ("name = x'ff', user_id = x'fe'", "entry 2: it is searched by what it does not say"),
    ],
)
def test_what_was_changed_by_hand_is_told_whatever_its_type(coatcheck, audited, folder, changed, finding):
    with closing(sqlite3.connect(folder / DATABASE.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute(f"UPDATE coatcheck_ledger SET {changed} WHERE place = 2")
    answer = coatcheck("audit", "verify")
    assert (answer.status, finding in answer.err) == (1, True)
    assert coatcheck("audit", "query", "--text", "ada").status == 0


def test_without_a_checkpoint_nothing_vouches_for_the_end(coatcheck):
    async def work(store: Any) -> None:
        async with SessionManager(store, observers=[Audit(checkpoint_every=None)]) as manager:
            await manager.begin(await manager.open(None), Identity(user_id="ada"))

    with_store(work)
    assert "no checkpoint says that none is missing" in coatcheck("audit", "verify").out


def test_what_was_changed_is_told_and_the_status_says_so(coatcheck, audited):
    async def cut(store: Any) -> None:
        [head] = await store.heads()
        await store.forget(head.chain, 2)

    with_store(cut)
    answer = coatcheck("audit", "verify")
    assert answer.status == 1
    assert answer.out == ""
    assert "entry 3: the 2 before it are missing" in answer.err
    assert answer.err.splitlines()[-1] == "coatcheck: the ledger is not as it was written: 1 finding"
    answer = coatcheck("audit", "verify", "--json")
    assert answer.status == 1
    assert [finding["seq"] for finding in json.loads(answer.out)["findings"]] == [3]


def test_a_printed_checkpoint_is_an_anchor(coatcheck, audited, folder):
    (folder / "kept").write_text(coatcheck("audit", "verify", "--print-checkpoint").out)
    assert coatcheck("audit", "verify", "--anchor", "kept").status == 0

    async def cut(store: Any) -> None:
        [head] = await store.heads()
        await store.forget(head.chain, 9)

    with_store(cut)
    assert "there is no ledger here. Give the application Audit()" in coatcheck("audit", "verify").complaint
    answer = coatcheck("audit", "verify", "--anchor", "kept")
    assert answer.status == 1
    assert "a checkpoint names it, and it is not there" in answer.err


def test_with_a_key_what_is_not_signed_is_not_believed(coatcheck, audited, folder):
    public = Ed25519PrivateKey.generate().public_key()
    (folder / "audit.pub").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    answer = coatcheck("audit", "verify", "--public-key", "audit.pub")
    assert answer.status == 1
    assert "audit.checkpoint is not signed" in answer.err
    assert "nothing in the ledger is signed with audit.pub" in answer.err.splitlines()[-1]
    assert "begin with Audit(key=...)" in answer.err


def test_what_an_operator_does_is_in_the_ledger_too(coatcheck, audited):
    coatcheck("sessions", "revoke", audited[1])
    [ended, _] = coatcheck("audit", "query", "--session", audited[1], "--json").document["entries"]
    assert (ended["body"]["event"], ended["body"]["actor"]) == ("session.ended", "cli")
    assert coatcheck("audit", "verify").status == 0


def test_where_no_ledger_is_kept_an_operator_begins_none(coatcheck, sign_in):
    coatcheck("sessions", "revoke", sign_in().id)
    assert coatcheck("audit", "query").out == "no such entries\n"
    for command in ("tail", "export"):
        answer = coatcheck("audit", command)
        assert (answer.status, answer.out, "there is no ledger here" in answer.err) == (0, "", True)


async def test_whoever_follows_sees_entries_as_they_arrive():
    store = open_store("memory://")
    async with SessionManager(store, observers=[Audit(checkpoint_every=None)]) as manager:
        following = read.follow(store, pause=0.01)
        seen = asyncio.create_task(anext(following))
        await asyncio.sleep(0)
        await manager.begin(await manager.open(None), Identity(user_id="ada"))
        entry = await asyncio.wait_for(seen, 5)
        await following.aclose()
    assert entry.name == "session.created"
    assert [entry] == await store.find(Search(), None, 10)


async def test_following_prints_what_arrives(monkeypatch, capsys, audited):
    from coatcheck.cli import audit

    async def two_more(store: Any) -> Any:
        for entry in reversed(await store.find(Search(), None, 2)):
            yield entry

    monkeypatch.setattr(read, "follow", two_more)
    await audit._tail(DATABASE, 1, follow=True, json=True)
    assert [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()] == [4, 3, 4]
