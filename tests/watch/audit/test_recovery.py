"""Nothing that was committed goes untold, even if its worker is killed before it could write an entry."""

import asyncio
import os
import signal
import sys
import textwrap

import pytest

from coatcheck import Identity
from coatcheck.core.ledger import Note, Notes, Search, note_key
from coatcheck.core.lifetimes import MINUTE
from coatcheck.watch.audit import recovery
from coatcheck.watch.audit.recovery import Recovery
from coatcheck.watch.audit.verify import verify
from coatcheck.watch.audit.waiting import Waiting
from coatcheck.watch.audit.worker import Worker

on_disk = pytest.mark.parametrize("url", ["sqlite", "postgres", "redis"], indirect=True)

# Signs in, changes the user, ends a session, and stands still before anything is in the ledger.
WORKER = """
    import asyncio, sys
    from coatcheck import Identity, SessionManager
    from coatcheck.stores import open_store
    from coatcheck.watch.audit import worker
    from coatcheck.watch.audit import Audit

    worker.GATHER_SECONDS = 3_600.0

    async def main():
        async with SessionManager(open_store(sys.argv[1]), observers=[Audit()]) as manager:
            ids = []
            for _ in range(2):
                session = await manager.open(None, ip="192.0.2.7")
                await manager.begin(session, Identity(user_id="ada"))
                await manager.close(session)
                ids.append(session.record.id)
            await manager.update_user(Identity(user_id="ada", roles=frozenset({"admin"})))
            await manager.revoke(ids[0])
            print(*ids, flush=True)
            await asyncio.sleep(3_600)

    asyncio.run(main())
"""


@on_disk
async def test_what_a_killed_worker_committed_is_told_by_another(app, store, url):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(WORKER), url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    first, second = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().split()
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert await store.find(Search(), None, 10) == []

    async with app.worker(checkpoint_every=None) as manager:
        recovery = Recovery(store, manager, Worker(manager, store, Waiting()))
        await recovery.do()
        assert await store.find(Search(), None, 10) == []  # its own worker may be about to write it
        app.clock.advance(6)
        await recovery.do()
        await recovery.do()
    entries = await app.entries()
    assert {(entry.name, entry.session_id) for entry in entries} == {
        ("session.created", first),
        ("session.created", second),
        ("user.updated", None),
        ("session.ended", first),
    }
    assert len(entries) == 4
    assert all(entry.body["recovered"] and entry.event and entry.user_id == "ada" for entry in entries)
    assert await store.notes(10) == []
    assert (await verify(store)).findings == []


@on_disk
async def test_what_a_living_worker_tells_is_told_once(app, store):
    async with app.worker(checkpoint_every=None) as manager:
        id = await app.sign_in(manager)
        await manager.update_user(Identity(user_id="ada", roles=frozenset({"admin"})))
        await manager.revoke(id)
    assert [entry.name for entry in await app.entries()] == [
        "session.created",
        "user.updated",
        "session.ended",
    ]
    assert isinstance(store, Notes)
    assert await store.notes(10) == []


@on_disk
async def test_a_rotation_and_a_proof_leave_no_note_behind(app, store):
    async with app.worker(checkpoint_every=None) as manager:
        session = await manager.open(None)
        await manager.begin(session, Identity(user_id="ada"))
        first = (await manager.close(session)).text
        app.clock.advance(16 * MINUTE)
        offered = (await manager.close(await manager.open(first))).text
        await manager.close(await manager.open(offered))
        session = await manager.open(offered)
        await manager.reauthenticated(session)
        await manager.close(session)
        assert len(await store.notes(10)) == 3
    assert [entry.name for entry in await app.entries()] == [
        "session.created",
        "session.rotated",
        "session.reauthenticated",
    ]
    assert await store.notes(10) == []


@pytest.mark.parametrize("url", ["memory"], indirect=True)
async def test_notes_of_a_newer_library_hide_no_others(app, store, monkeypatch):
    left = [Note(note_key("session.cloned", str(number)), None, 1.0) for number in range(9)]
    left.append(Note(note_key("session.created", "0a"), "ada", 1.0))

    class Noted:
        async def notes(self, limit: int) -> list[Note]:
            return left[:limit]

    monkeypatch.setattr(recovery, "MOST_NOTES", 3)
    async with app.worker(checkpoint_every=None) as manager:
        told = Recovery(Noted(), manager, Worker(manager, store, Waiting()))
        for _ in range(5):
            await told.do()
            app.clock.advance(6)
    assert [entry.session_id for entry in await app.entries()] == ["0a"]
