"""Ending everybody's sessions, step by step."""

import pytest

from coatcheck import Identity, SessionManager
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events import SessionOver
from coatcheck.core.record import Record
from coatcheck.manager import Everyone, everyone
from coatcheck.stores import MemoryStore
from coatcheck.testing import ManualClock, RecordingObserver


async def signed_in(manager, user_id):
    session = await manager.open(None)
    await manager.begin(session, Identity(user_id=user_id))
    await manager.close(session)
    return session.id


async def walk(manager, whom):
    after, ended = "", 0
    while after is not None:
        step = await manager.revoke_some(whom, after)
        after, ended = step.after, ended + step.ended
    return ended


@pytest.fixture
def clock():
    return ManualClock()


async def alive(manager, ids):
    return [id for id in ids if isinstance(await manager.store.load(id), Record)]


async def test_a_walk_ends_everybodys_sessions_but_the_operators_own(clock, monkeypatch):
    monkeypatch.setattr(everyone, "STEP", 3)
    observer = RecordingObserver()
    manager = SessionManager(MemoryStore(), clock=clock, observers=[observer])
    ids = [await signed_in(manager, f"user {number}") for number in range(7)]
    mine = await signed_in(manager, "grace")
    ended = await walk(manager, Everyone(began_before=manager.now(), keep=mine, by="grace"))
    assert ended == 7
    assert await alive(manager, [*ids, mine]) == [mine]
    over = [event for event in observer.events if isinstance(event, SessionOver)]
    assert {event.session_id for event in over} == set(ids)
    assert {(event.actor, event.reason) for event in over} == {("grace", "revoked")}


async def test_what_began_later_is_not_meant_and_what_ended_is_not_told_again(clock):
    observer = RecordingObserver()
    manager = SessionManager(MemoryStore(), clock=clock, observers=[observer])
    gone, early = await signed_in(manager, "ada"), await signed_in(manager, "ada")
    await manager.revoke(gone)
    moment = manager.now()
    clock.advance(1)
    late = await signed_in(manager, "ada")
    assert await walk(manager, Everyone(began_before=moment)) == 1
    assert await alive(manager, [early, late]) == [late]
    assert [event.session_id for event in observer.events if isinstance(event, SessionOver)] == [gone, early]
    assert await walk(manager, Everyone(began_before=moment)) == 0


async def test_a_store_that_cannot_be_walked_over_says_so():
    class Bare:
        """A store with no skill at all."""

    manager = SessionManager(Bare())
    with pytest.raises(ConfigurationError, match="cannot be walked over"):
        await manager.revoke_some(Everyone(began_before=0.0))
