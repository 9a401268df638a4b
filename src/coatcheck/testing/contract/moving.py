"""The skill `Movable`: rows come and go whole, and what changed meanwhile stays where it is."""

import asyncio

import pytest

from coatcheck.core.change import Change
from coatcheck.core.moving import SEAL, KeptRow, Movable
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Ending, Rows, Store, UserEntry
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.sample import NOW, commit_by, sample_record, sets


class MovingContract(StoreCase):
    """Runs for stores that have the skill."""

    @pytest.fixture
    def movable(self, store: Store) -> Movable:
        """The store under test, as a source and a target of moves."""
        if not isinstance(store, Movable):
            pytest.skip("sessions cannot be moved to or from this store")
        return store

    async def test_an_adopted_record_is_the_one_that_was_given(self, store: Store, movable: Movable) -> None:
        record = sample_record(1, "u-1", rev=7, data=b'{"a":{"b":[1]}}')
        await movable.adopt([record])
        assert await store.load(record.id) == record
        assert (await store.user("u-1")).ids == (record.id,)
        saved = await store.save(record.id, commit_by("new owner", record, b=2))
        assert saved is not None
        assert saved.rev == 8

    async def test_an_adopted_end_keeps_its_reason_and_its_owner(
        self, store: Store, movable: Movable
    ) -> None:
        tombstone = sample_record(1, "u-1").entomb(Reason.LOGGED_OUT, NOW + 5)
        nameless = Tombstone(id=sample_record(2).id, reason=Reason.REVOKED, at=NOW)
        await movable.adopt([tombstone, nameless])
        assert await store.load(tombstone.id) == tombstone
        assert await store.load(nameless.id) == nameless

    async def test_only_what_is_newer_is_adopted(self, store: Store, movable: Movable) -> None:
        old = sample_record(1, "u-1")
        new = sample_record(1, "u-1", rev=3, last_seen_at=NOW + 60, data=b'{"a":1}')
        for rows in ([new], [old], [old, new, old], [new]):
            await movable.adopt(rows)
            assert await store.load(old.id) == new
        await movable.adopt([sample_record(1, "u-1", rev=4, data=b"{}")])
        found = await store.load(old.id)
        assert isinstance(found, Record)
        assert (found.rev, found.data) == (4, b"{}")
        assert (await store.user("u-1")).ids == (old.id,)

    async def test_an_end_replaces_a_record_and_nothing_replaces_an_end(
        self, store: Store, movable: Movable
    ) -> None:
        record = sample_record(1, "u-1")
        await movable.adopt([record])
        tombstone = record.entomb(Reason.REVOKED, NOW + 1)
        await movable.adopt([tombstone])
        await movable.adopt([sample_record(1, "u-1", rev=9), record.entomb(Reason.EVICTED, NOW + 2)])
        assert await store.load(record.id) == tombstone
        assert (await store.user("u-1")).ids == ()

    async def test_neither_the_version_nor_the_cap_keeps_a_record_out(
        self, store: Store, movable: Movable
    ) -> None:
        records = [sample_record(n, "u-1", created_at=NOW + n, last_seen_at=NOW + n) for n in range(4)]
        await store.create(records[0])
        await store.bump("u-1")
        await movable.adopt(records[1:3])
        assert await store.user("u-1") == UserEntry(1, tuple(record.id for record in records[:3]))
        assert await store.create(records[3], 1, Cap(3)) == (records[0].id,)

    async def test_what_was_adopted_expires_and_is_swept(self, store: Store, movable: Movable) -> None:
        record = sample_record(1, "u-1")
        await movable.adopt([record, sample_record(2).entomb(Reason.REVOKED, NOW)])
        assert await store.sweep(NOW + 1, 10) == 1
        await store.touch([(record.id, NOW + 60)])
        assert await store.sweep(NOW + 1_801, 10) == 0
        assert await store.sweep(NOW + 1_861, 10) == 1

    async def test_a_hand_over_leaves_a_mark_and_no_session(self, store: Store, movable: Movable) -> None:
        record = sample_record(1, "u-1")
        await store.create(record)
        assert await movable.hand_over(record.id, record.rev, NOW + 9)
        assert await store.load(record.id) == record.entomb(Reason.MOVED, NOW + 9)
        assert (await store.user("u-1")).ids == ()
        assert await store.save(record.id, Change(data=sets(late=1))) is None
        assert await store.end([Ending(record.id, Reason.REVOKED, NOW)]) == 0
        assert not await movable.hand_over(record.id, record.rev, NOW + 9)
        assert not await movable.hand_over(sample_record(2).id, 1, NOW)
        assert await store.load(sample_record(2).id) is None

    async def test_whatever_changed_a_session_stops_its_hand_over(
        self, store: Store, movable: Movable
    ) -> None:
        record = sample_record(1, "u-1")
        await store.create(record)
        await store.touch([(record.id, NOW + 60)])
        assert not await movable.hand_over(record.id, record.rev, NOW)
        await store.save(record.id, Change(data=sets(a=1)))
        assert not await movable.hand_over(record.id, record.rev + 1, NOW)
        found = await store.load(record.id)
        assert isinstance(found, Record)
        assert found.rev == record.rev + 2
        assert await movable.hand_over(record.id, found.rev, NOW)

    async def test_a_write_that_races_a_hand_over_counts_or_fails(
        self, store: Store, movable: Movable
    ) -> None:
        for seed in range(50):
            record = sample_record(seed)
            await store.create(record)
            racing = [
                movable.hand_over(record.id, record.rev, NOW),
                store.save(record.id, Change(data=sets(a=1))),
            ]
            outcomes = await asyncio.gather(*racing[:: 1 if seed % 2 else -1])
            moved, saved = outcomes if seed % 2 else outcomes[::-1]
            assert moved is (saved is None)

    async def test_a_version_is_set_by_who_knows_it(self, store: Store, movable: Movable) -> None:
        record = sample_record(1, "u-1")
        await store.create(record)
        assert not await movable.set_version("u-1", 9, expected=1)
        assert await movable.set_version("u-1", SEAL, expected=0)
        assert not await movable.set_version("u-1", SEAL, expected=0)
        assert await store.user("u-1") == UserEntry(SEAL, (record.id,))
        assert await store.bump("u-1") == UserEntry(SEAL + 1, (record.id,))

    async def test_a_session_comes_back_to_where_it_left(self, store: Store, movable: Movable) -> None:
        stays, ends = sample_record(1, "u-1"), sample_record(2)
        for record in (stays, ends):
            await store.create(record)
            assert await movable.hand_over(record.id, record.rev, NOW)
        tombstone = ends.entomb(Reason.REVOKED, NOW + 1)
        await movable.adopt([stays, tombstone])
        assert await store.load(stays.id) == stays
        assert (await store.user("u-1")).ids == (stays.id,)
        assert await store.load(ends.id) == tombstone

    async def test_small_rows_are_walked_over_in_order(self, store: Store, movable: Movable) -> None:
        assert isinstance(store, Rows)
        for number in (3, 1, 2):
            await store.put_row(f"key {number}", b"\x00%d" % number, expected=0, expires_at=NOW + number)
        first = await movable.scan_rows("", 2)
        rows = first + await movable.scan_rows(first[-1].key, 2)
        expected = []
        for number in (1, 2, 3):
            row = await store.row(f"key {number}")
            assert row is not None
            expected.append(KeptRow(f"key {number}", row.value, row.version, NOW + number))
        assert rows == expected
        assert await movable.scan_rows(rows[-1].key, 2) == []
