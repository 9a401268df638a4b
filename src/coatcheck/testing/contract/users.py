"""A user's entry: version, live sessions, cap."""

import asyncio

import pytest

from coatcheck.core.change import Change
from coatcheck.core.errors import StaleUser, TooManySessions
from coatcheck.core.identity import Identity
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Ending, Store, UserEntry
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.sample import NOW, sample_record


def sign_ins(count: int, user_id: str = "u-1") -> list[Record]:
    """Return records of one user, each created a second after the one before."""
    return [
        sample_record(f"{user_id} {n}", user_id, created_at=NOW + n, last_seen_at=NOW + n)
        for n in range(count)
    ]


class UsersContract(StoreCase):
    """Sign-ins of one user take turns in the user's entry."""

    async def test_an_unknown_user_has_version_0_and_no_sessions(self, store: Store) -> None:
        assert await store.user("nobody") == UserEntry(0, ())

    async def test_sessions_are_listed_oldest_first_and_per_user(self, store: Store) -> None:
        ada, grace = sign_ins(3, "ada"), sign_ins(2, "grace")
        for record in (ada[2], grace[0], ada[0], grace[1], ada[1], sample_record("anonymous")):
            await store.create(record)
        assert (await store.user("ada")).ids == tuple(record.id for record in ada)
        assert (await store.user("grace")).ids == tuple(record.id for record in grace)

    async def test_a_bump_raises_the_version_and_returns_the_entry(self, store: Store) -> None:
        (record,) = sign_ins(1)
        await store.create(record)
        assert await store.bump("u-1") == UserEntry(1, (record.id,))
        assert await store.bump("u-1") == await store.user("u-1") == UserEntry(2, (record.id,))
        assert (await store.user("u-2")).version == 0

    async def test_concurrent_bumps_all_count(self, store: Store) -> None:
        entries = await asyncio.gather(*(store.bump("u-1") for _ in range(20)))
        assert sorted(entry.version for entry in entries) == list(range(1, 21))

    async def test_a_sign_in_with_an_old_version_fails_and_stores_nothing(self, store: Store) -> None:
        old, new = sign_ins(2)
        await store.bump("u-1")
        with pytest.raises(StaleUser):
            await store.create(old, 0)
        assert await store.load(old.id) is None
        await store.create(new, 1)
        assert await store.user("u-1") == UserEntry(1, (new.id,))

    async def test_a_sign_in_that_races_a_bump_is_refused_or_listed(self, store: Store) -> None:
        for record in sign_ins(20):
            entry = await store.user("u-1")
            racing = store.create(record, entry.version), store.bump("u-1")
            created, bumped = await asyncio.gather(*racing, return_exceptions=True)
            assert isinstance(bumped, UserEntry)
            assert isinstance(created, StaleUser) is (record.id not in bumped.ids)

    async def test_an_anonymous_session_has_no_version_and_no_cap(self, store: Store) -> None:
        for seed in range(3):
            assert await store.create(sample_record(seed), 5, Cap(1, "deny")) == ()

    async def test_the_cap_evicts_the_oldest(self, store: Store) -> None:
        first, second, third = sign_ins(3)
        for record in (first, second):
            assert await store.create(record, 0, Cap(2)) == ()
        assert await store.create(third, 0, Cap(2)) == (first.id,)
        assert await store.load(first.id) == first.entomb(Reason.EVICTED, third.created_at)
        assert (await store.user("u-1")).ids == (second.id, third.id)

    async def test_a_lowered_cap_evicts_as_many_as_it_takes(self, store: Store) -> None:
        *before, last = sign_ins(5)
        for record in before:
            await store.create(record)
        assert await store.create(last, 0, Cap(2)) == tuple(record.id for record in before[:3])

    async def test_the_cap_denies_and_stores_nothing(self, store: Store) -> None:
        first, second = sign_ins(2)
        await store.create(first, 0, Cap(1, "deny"))
        with pytest.raises(TooManySessions):
            await store.create(second, 0, Cap(1, "deny"))
        assert await store.load(second.id) is None
        assert (await store.user("u-1")).ids == (first.id,)

    async def test_what_ended_or_expired_takes_no_place(self, store: Store) -> None:
        expired = sample_record("expired", "u-1", created_at=NOW - 9_000, last_seen_at=NOW - 9_000)
        ended, last = sign_ins(2)
        await store.create(expired)
        await store.create(ended)
        await store.end([Ending(ended.id, Reason.LOGGED_OUT, NOW)])
        assert await store.create(last, 0, Cap(1, "deny")) == ()

    async def test_concurrent_sign_ins_never_exceed_the_cap(self, store: Store) -> None:
        records = sign_ins(30)
        evicted = await asyncio.gather(*(store.create(record, 0, Cap(5)) for record in records))
        entry = await store.user("u-1")
        assert len(entry.ids) == 5
        gone = {id for ids in evicted for id in ids}
        assert gone == {record.id for record in records} - set(entry.ids)
        assert all([isinstance(await store.load(id), Tombstone) for id in gone])

    async def test_concurrent_sign_ins_beyond_a_denying_cap_are_refused(self, store: Store) -> None:
        tries = (store.create(record, 0, Cap(5, "deny")) for record in sign_ins(30))
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert outcomes.count(()) == 5
        assert sum(isinstance(outcome, TooManySessions) for outcome in outcomes) == 25
        assert len((await store.user("u-1")).ids) == 5

    async def test_new_facts_leave_the_index_alone(self, store: Store) -> None:
        (record,) = sign_ins(1)
        await store.create(record)
        await store.save(record.id, Change(identity=Identity(user_id="u-1", email="new@example.test")))
        assert (await store.user("u-1")).ids == (record.id,)
