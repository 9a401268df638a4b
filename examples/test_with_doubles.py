"""How an application tests that a session times out: the clock is moved, nothing sleeps."""

import asyncio

from coatcheck import Identity, Reason, SessionManager
from coatcheck.stores import MemoryStore
from coatcheck.testing import CountingStore, ManualClock, RecordingObserver, SeededEntropy


def test_a_session_times_out():
    asyncio.run(time_out())


async def time_out():
    clock, observer, store = ManualClock(), RecordingObserver(), CountingStore(MemoryStore())
    sessions = SessionManager(store, observers=[observer], clock=clock, entropy=SeededEntropy())
    async with sessions:
        session = await sessions.open(None)
        await sessions.begin(session, Identity(user_id="u1"))
        cookie = await sessions.close(session)

        clock.advance(30 * 60 + 6)  # the idle timeout, and a little more than the clock tolerance
        store.reset()
        session = await sessions.open(cookie.text)

    assert session.identity is None
    assert session.reason is Reason.IDLE_TIMEOUT
    assert observer.names() == ["session.created", "session.refused"]
    assert (store.reads, store.writes) == (1, 0)
