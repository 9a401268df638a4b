"""Sealing everything anew while people use it: no write is lost, and what is left is told."""

import asyncio

import msgspec

from coatcheck.core import ciphertext, codec
from coatcheck.core.change import Change, DataChange
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.store import Ending
from coatcheck.stores import MemoryStore, SqliteStore
from coatcheck.stores.sealed import Resealing, SealedStore
from coatcheck.stores.sealed import walk as walking
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.sample import sets
from coatcheck.testing.wrapped import WrappedStore
from tests.stores.sealed.support import BOTH, NEW, OLD, STRANGER

DATA = b'{"cart":[1,2],"n":7}'


async def reseal(store, sealer=BOTH):
    walk = Resealing(SealedStore(store, sealer))
    reached = [tally.reached async for tally in walk.run()]
    assert reached == sorted(reached)
    assert reached[-1] == 1.0
    return msgspec.to_builtins(walk.tally), walk.tally.is_whole


async def test_clear_and_older_values_are_sealed_with_the_newest_key_and_nothing_else_changes(monkeypatch):
    monkeypatch.setattr(walking, "BATCH", 3)
    memory = MemoryStore()
    clear, old, new, empty = (sample_record(n, f"u-{n}", data=DATA) for n in range(4))
    empty = msgspec.structs.replace(empty, data=b"{}")
    ended = sample_record(9, data=DATA)
    for record, sealer in ((old, OLD), (new, NEW)):
        await SealedStore(memory, sealer).create(record)
    for record in (clear, empty, ended):
        await memory.create(record)
    await memory.end([Ending(ended.id, Reason.REVOKED, NOW)])
    kept = await memory.load(new.id)
    tally, whole = await reseal(memory)
    assert tally == {"reached": 1.0, "sessions": 4, "sealed": 4, "unreadable": 0, "left": 0, "locked": 0}
    assert whole
    opened = SealedStore(memory, NEW)
    for record in (clear, old):
        assert await opened.load(record.id) == msgspec.structs.replace(record, rev=record.rev + 1)
    assert await memory.load(new.id) == kept
    assert (await reseal(memory))[0]["sealed"] == 0


async def test_what_is_written_meanwhile_stays(tmp_path):
    """Writers of the old key count, set and delete all the while; each sees what it wrote."""
    store = SqliteStore(tmp_path / "s.db")
    records = [sample_record(n, data=b'{"n":0,"a":0,"gone":1}') for n in range(8)]
    for record in records:
        await SealedStore(store, OLD).create(record)

    async def use(record):
        worker = SealedStore(store, BOTH)
        for turn in range(1, 26):
            change = DataChange(sets={"a": b"%d" % turn}, deletes=frozenset({"gone"}), increments={"n": 1})
            saved = await worker.save(record.id, Change(data=change, seen_at=NOW + turn))
            assert codec.decode(saved.data) == {"n": turn, "a": turn}

    (tally, whole), *_ = await asyncio.gather(reseal(store), *map(use, records))
    assert whole
    assert tally["sessions"] == 8
    for record in records:
        found = await SealedStore(store, NEW).load(record.id)
        assert codec.decode(found.data) == {"n": 25, "a": 25}
        assert found.last_seen_at == NOW + 25
    await store.close()


class Hasty(WrappedStore):
    """Somebody writes, or ends the session, just before the walk does."""

    def __init__(self, inner, act) -> None:
        super().__init__(inner)
        self.act = act

    def before(self, verb: str) -> None:
        pass

    async def save(self, id, change):
        await self.act(id)
        return await self.inner.save(id, change)


async def test_a_session_that_ends_meanwhile_is_no_fault():
    memory, record = MemoryStore(), sample_record(1, data=DATA)
    await memory.create(record)

    async def end(id):
        await memory.save(id, Change(data=sets(n=8)))
        await memory.end([Ending(id, Reason.LOGGED_OUT, NOW)])

    tally, whole = await reseal(Hasty(memory, end))
    assert (tally["sealed"], tally["left"], whole) == (0, 0, True)


async def test_what_is_written_all_the_time_with_an_old_key_is_left_and_told(monkeypatch):
    monkeypatch.setattr(walking, "ATTEMPTS", 3)
    memory, record = MemoryStore(), sample_record(1, data=DATA)
    await memory.create(record)

    async def write(id):
        await SealedStore(memory, OLD).save(id, Change(data=sets(n=8)))

    tally, whole = await reseal(Hasty(memory, write))
    assert (tally["sealed"], tally["left"], tally["locked"], whole) == (0, 1, 0, False)


async def test_what_no_key_opens_is_left_and_what_was_changed_is_left_alone():
    memory = MemoryStore()
    strange, broken, sound = (sample_record(n, data=DATA) for n in range(3))
    await SealedStore(memory, STRANGER).create(strange)
    await SealedStore(memory, OLD).create(broken)
    await SealedStore(memory, OLD).create(sound)
    wrong = codec.split((await memory.load(sound.id)).data)["n"]
    cut = ciphertext.wrap(b"\x01" * 20)
    await memory.save(broken.id, Change(data=DataChange(sets={"n": wrong})))
    before = [await memory.load(record.id) for record in (strange, broken)]
    tally, whole = await reseal(memory)
    assert (tally["sealed"], tally["unreadable"], tally["left"], whole) == (2, 2, 1, False)
    assert tally["locked"] == 1
    await memory.end([Ending(strange.id, Reason.REVOKED, NOW)])
    await memory.save(broken.id, Change(data=DataChange(sets={"n": cut})))
    tally, whole = await reseal(memory)
    assert (tally["unreadable"], tally["left"], whole) == (1, 0, True)
    assert isinstance(before[0], Record)
