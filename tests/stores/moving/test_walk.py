"""The walk: everything arrives, whatever is under way, and what is left is counted."""

import asyncio

import msgspec
import pytest

from coatcheck.core.change import Change, DataChange
from coatcheck.core.moving import MOVED_ROW
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Ending
from coatcheck.stores import MemoryStore, MovingStore, SqliteStore
from coatcheck.stores.moving import Walk
from coatcheck.stores.moving.remembered import Remembered
from coatcheck.stores.moving.steps import BEGUN
from coatcheck.testing.contract.sample import NOW, sample_record, sets


async def walk(source, target) -> Walk:
    walk = Walk(MovingStore(target, source))
    reached = [tally.reached async for tally in walk.run()]
    assert reached == sorted(reached)
    assert reached[-1] == 1.0
    return walk


async def filled(count: int = 250) -> MemoryStore:
    """A store with sessions of users and of visitors, some of them over, and small rows."""
    store = MemoryStore()
    for number in range(count):
        await store.create(sample_record(number, f"u-{number % 40}" if number % 5 else None))
        await store.put_row(f"throttle {number}", b"%d" % number, expected=0, expires_at=NOW + number)
    ended = [sample_record(number).id for number in range(0, count, 10)]
    await store.end([Ending(id, Reason.REVOKED, NOW + 1) for id in ended])
    return store


async def everything(store) -> dict[str, Record | Tombstone]:
    return {row.id: row for row in await store.scan("", 10_000)}


async def test_everything_arrives_as_it_was():
    source, target = await filled(), MemoryStore()
    before = await everything(source)
    tally = (await walk(source, target)).tally
    assert await everything(target) == before
    assert (tally.moved, tally.ended, tally.arrived, tally.rows) == (225, 25, 225, 250)
    assert tally.is_whole
    assert {row.reason for row in (await everything(source)).values()} == {Reason.MOVED, Reason.REVOKED}
    assert [(row.key, row.value, row.expires_at) for row in await target.scan_rows("", 999)] == sorted(
        (f"throttle {number}", b"%d" % number, NOW + number) for number in range(250)
    )


async def test_a_second_walk_moves_nothing_and_verifies_everything():
    source, target = await filled(), MemoryStore()
    await walk(source, target)
    tally = (await walk(source, target)).tally
    assert (tally.moved, tally.arrived, tally.rows, tally.left, tally.lost) == (0, 225, 0, 0, 0)


async def test_a_walk_that_was_killed_is_finished_by_the_next():
    source, target = await filled(), MemoryStore()
    before = await everything(source)
    killed = Walk(MovingStore(target, source)).run()
    await anext(killed)
    await killed.aclose()
    assert (await walk(source, target)).tally.is_whole
    assert await everything(target) == before


async def test_walks_at_the_same_time_share_the_work():
    source, target = await filled(), MemoryStore()
    before = await everything(source)
    walks = await asyncio.gather(*(walk(source, target) for _ in range(3)))
    assert sum(each.tally.moved for each in walks) == 225
    assert await everything(target) == before


async def test_writes_go_on_all_the_while_and_none_is_lost(tmp_path):
    source, target = SqliteStore(tmp_path / "old.db"), MemoryStore()
    records = [sample_record(number, f"u-{number % 4}") for number in range(60)]
    for record in records:
        await source.create(record)
    moving, done = MovingStore(target, source), asyncio.Event()

    async def write(record: Record) -> int:
        count = 0
        while count < 3 or not done.is_set():
            await moving.touch([(record.id, NOW + count)])
            saved = await moving.save(record.id, Change(data=DataChange(increments={"n": 1})))
            assert saved is not None
            found = await moving.load(record.id)
            assert isinstance(found, Record)
            assert found.rev >= saved.rev
            count += 1
            await asyncio.sleep(0.01)  # a person; who never pauses is never moved
        return count

    async def move() -> Walk:
        try:
            return await walk(source, target)
        finally:
            done.set()

    first, *counts = await asyncio.gather(move(), *(write(record) for record in records))
    assert first.tally.is_whole
    for record, count in zip(records, counts, strict=True):
        assert msgspec.json.decode((await target.load(record.id)).data) == {"n": count}
    await moving.close()


async def test_a_session_that_is_written_to_without_a_pause_is_left_for_another_walk():
    class Hasty(MemoryStore):
        """The session is touched whenever somebody has just copied it."""

        async def load(self, id):
            found = await super().load(id)
            if isinstance(found, Record) and hasty:
                await self.touch([(id, found.last_seen_at + 0.001)])
            return found

    source, target, hasty = Hasty(), MemoryStore(), True
    await source.create(sample_record(1))
    await source.create(sample_record(2, "u-1"))
    assert (await walk(source, target)).tally.left == 2
    hasty = False
    assert (await walk(source, target)).tally.is_whole


async def test_sign_ins_go_to_the_target_once_the_walk_has_begun():
    source, target = MemoryStore(), MemoryStore()
    moving = MovingStore(target, source)
    before, after = sample_record(1, "u-1"), sample_record(2, "u-1")
    await moving.create(before)
    assert await source.load(before.id) == before
    await walk(source, target)
    await moving.create(after, (await moving.user("u-1")).version)
    assert await target.load(after.id) == after
    assert await source.load(after.id) is None
    assert set((await moving.user("u-1")).ids) == {before.id, after.id}


async def test_there_and_back_again():
    one, other = await filled(), MemoryStore()
    before = await everything(one)
    await walk(one, other)
    gone = sample_record(1, "u-1")
    await other.end([Ending(gone.id, Reason.LOGGED_OUT, NOW + 2)])
    await other.bump("u-1")
    back = MovingStore(one, other)
    saved = await back.save(sample_record(2, "u-2").id, Change(data=sets(a=1)))
    assert saved
    assert (await walk(other, one)).tally.is_whole
    after = await everything(one)
    assert after == before | {
        gone.id: gone.entomb(Reason.LOGGED_OUT, NOW + 2),
        saved.id: saved,
    }
    assert (await one.user("u-2")).ids == (await back.user("u-2")).ids
    assert await one.row(BEGUN) is None
    assert MOVED_ROW not in {row.value for row in await one.scan_rows("", 999)}


async def test_back_again_leaves_no_mark_of_what_is_gone_since():
    one, other = await filled(), MemoryStore()
    await walk(one, other)
    gone = sample_record(1, "u-1").id
    await other.delete([gone])
    await walk(other, one)
    assert await one.load(gone) is None
    assert Reason.MOVED not in {getattr(row, "reason", None) for row in (await everything(one)).values()}


async def test_what_an_old_worker_still_puts_into_the_source_is_counted_as_left(monkeypatch):
    source, target = await filled(), MemoryStore()
    moved_rows = Walk._move_rows

    async def meanwhile(self) -> None:
        await source.create(sample_record("late", "u-late"))
        await moved_rows(self)

    monkeypatch.setattr(Walk, "_move_rows", meanwhile)
    tally = (await walk(source, target)).tally
    assert tally.left == 1
    assert not tally.is_whole
    monkeypatch.undo()
    assert (await walk(source, target)).tally.is_whole


async def test_a_session_that_the_target_lost_is_told():
    source, target = await filled(), MemoryStore()
    await walk(source, target)
    await target.delete([sample_record(1).id])
    tally = (await walk(source, target)).tally
    assert tally.lost == 1
    assert not tally.is_whole


@pytest.mark.parametrize("number", [1, 5])
async def test_a_row_that_cannot_be_read_stays_and_stops_nothing(tmp_path, number):
    source, target = SqliteStore(tmp_path / "old.db"), MemoryStore()
    spoilt = sample_record(number, "u-1" if number % 5 else None)
    sound = sample_record("sound", "u-1")
    for record in (spoilt, sound):
        await source.create(record)
    await source._write(
        lambda connection: connection.execute(
            "UPDATE coatcheck_sessions SET record = x'00' WHERE id = ?", (spoilt.id,)
        )
    )
    tally = (await walk(source, target)).tally
    assert tally.is_whole
    assert await everything(target) == {sound.id: sound}
    await source.close()


def test_what_is_remembered_is_bounded():
    remembered = Remembered(most=3)
    for number in range(10):
        remembered.add(str(number))
        assert str(number) in remembered
    assert len(remembered._ids) <= 3
