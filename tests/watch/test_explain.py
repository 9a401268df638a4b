"""A session's life, told from what is stored and from the ledger."""

import msgspec
import pytest

from coatcheck import Identity, SessionManager
from coatcheck.core.events import TokenReused
from coatcheck.core.events.wire import describe
from coatcheck.core.evidence import Evidence
from coatcheck.core.ledger import Entry
from coatcheck.core.support import support_code
from coatcheck.stores import MemoryStore
from coatcheck.testing import ManualClock
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.watch.explain import explain, find_ids

TOLERANCE = 10.0


def written(event, seq=1, text=b""):
    body = describe(event)
    return Entry(
        chain="a",
        seq=seq,
        digest=b"",
        text=text or msgspec.json.encode(body),
        name=event.name,
        at=event.at,
        session_id=event.session_id,
    )


def titles(life):
    return [moment.title for moment in life.moments]


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def manager(clock):
    return SessionManager(MemoryStore(), clock=clock)


async def test_a_life_without_a_ledger_is_what_the_record_says(manager, clock):
    session = await manager.open(None, ip="192.0.2.1", user_agent="Firefox on Linux")
    await manager.begin(session, Identity(user_id="ada"))
    await manager.close(session)
    clock.advance(600)
    await manager.touch(session)
    life = await explain(manager.store, session.id, manager.now(), TOLERANCE)
    assert titles(life) == ["Session began", "Last seen active"]
    assert life.moments[0].details == [("device", "Firefox on Linux, 192.0.2.1")]
    clock.advance(3_600)
    life = await explain(manager.store, session.id, manager.now(), TOLERANCE)
    assert titles(life)[-1] == "Session expired"
    assert life.moments[-1].details == [("reason", "nobody was active for too long")]
    await manager.revoke(session.id)
    life = await explain(manager.store, session.id, manager.now(), TOLERANCE)
    assert titles(life) == ["Session ended"]
    assert life.moments[0].details == [("reason", "it was revoked")]


async def test_a_session_has_expired_once_every_clock_within_the_tolerance_says_so(manager):
    record = sample_record(1, "ada")
    await manager.store.create(record)
    at = record.expires_at
    assert "Session expired" not in titles(await explain(manager.store, record.id, at + 9, TOLERANCE))
    assert "Session expired" in titles(await explain(manager.store, record.id, at + 11, TOLERANCE))


async def test_renewals_and_proofs_are_told_where_they_were_later_than_the_beginning(manager):
    record = sample_record(1, "ada")
    record = msgspec.structs.replace(
        record,
        identity=msgspec.structs.replace(record.identity, auth_time=NOW + 60),
        chain=msgspec.structs.replace(record.chain, committed_at=NOW + 30, generation=2),
    )
    await manager.store.create(record)
    life = await explain(manager.store, record.id, NOW + 90, TOLERANCE)
    assert titles(life) == ["Session began", "Token renewed", "Identity proven again"]


async def test_the_ledger_tells_more_and_nothing_is_told_twice(manager, clock):
    session = await manager.open(None, ip="192.0.2.1")
    await manager.begin(session, Identity(user_id="ada"))
    await manager.close(session)
    began = sample_event(session.id, clock.now())
    evidence = Evidence(presented=1, current=3, age=61.5, one_step_back=False)
    reused = TokenReused(at=clock.now() + 9, session_id=session.id, evidence=evidence, ended=True)
    await manager.store.append([written(began), written(reused, 2)])
    life = await explain(manager.store, session.id, manager.now(), TOLERANCE)
    assert titles(life) == ["Session began", "A replaced token came back"]
    assert life.from_ledger
    alarm = life.moments[1]
    assert alarm.weight == "alarm"
    assert ("age", "61.5") in alarm.details
    assert ("one step back", "no") in alarm.details
    assert ("ended", "yes") in alarm.details


def sample_event(session_id, at):
    from coatcheck.core.events import SessionCreated

    return SessionCreated(at=at, session_id=session_id, user_id="ada", actor="grace")


@pytest.mark.parametrize(
    "text", [b"{", b"\xff", b"[]", b'{"at": "noon"}', b'{"device": "a coat"}', b'{"evidence": [1]}']
)
async def test_a_damaged_entry_is_told_as_such(manager, text):
    event = sample_event("a" * 32, NOW)
    await manager.store.append([written(event, text=text)])
    [moment] = (await explain(manager.store, "a" * 32, NOW, TOLERANCE)).moments
    assert "cannot be read" in moment.title
    assert moment.weight == "alarm"


async def test_who_acted_is_told(manager):
    await manager.store.append([written(sample_event("a" * 32, NOW))])
    life = await explain(manager.store, "a" * 32, NOW, TOLERANCE)
    assert life.row is None
    assert life.is_known
    assert life.moments[0].actor == "grace"


async def test_nothing_is_known_of_a_session_that_never_was(manager):
    assert not (await explain(manager.store, "0" * 32, NOW, TOLERANCE)).is_known


async def test_sessions_are_found_by_id_by_beginning_and_by_support_code(manager):
    record = sample_record(1)
    await manager.store.create(record)
    for text in (record.id, f" {record.id.upper()} ", record.id[:4], support_code(record.id)):
        assert await find_ids(manager.store, text) == [record.id]
    for text in ("", "abc", "firefox", "0000-0000"):
        assert await find_ids(manager.store, text) == []


async def test_a_store_that_cannot_be_walked_over_finds_whole_ids_alone():
    assert await find_ids(object(), "a" * 32) == ["a" * 32]
    assert await find_ids(object(), "a" * 12) == []
