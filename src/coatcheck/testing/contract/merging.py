"""Writers of one session at the same time: every key survives, one commit wins."""

import asyncio

import msgspec
import pytest

from coatcheck.core.change import Change, Commit, DataChange, Elevation
from coatcheck.core.errors import StaleData
from coatcheck.core.identity import Identity
from coatcheck.core.record import Record
from coatcheck.core.store import Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.sample import NOW, commit_by, sample_record, sets


async def alive(store: Store, id: str) -> Record:
    """Return the record, which must be there."""
    found = await store.load(id)
    assert isinstance(found, Record)
    return found


class MergingContract(StoreCase):
    """A save applies its change to the record as it is at that moment."""

    async def test_changes_to_different_keys_all_survive(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        await asyncio.gather(
            *(store.save(record.id, Change(data=sets(**{f"k{n}": n}))) for n in range(50)),
        )
        found = await alive(store, record.id)
        assert msgspec.json.decode(found.data) == {f"k{n}": n for n in range(50)}
        assert found.rev == record.rev + 50

    async def test_increments_add_up(self, store: Store) -> None:
        record = sample_record(1, data=b'{"n":1}')
        await store.create(record)
        step = Change(data=DataChange(increments={"n": 2, "new": 1}))
        await asyncio.gather(*(store.save(record.id, step) for _ in range(50)))
        assert msgspec.json.decode((await alive(store, record.id)).data) == {"n": 101, "new": 50}

    async def test_a_delete_of_one_key_keeps_the_others(self, store: Store) -> None:
        record = sample_record(1, data=b'{"a":1,"b":2}')
        await store.create(record)
        await asyncio.gather(
            store.save(record.id, Change(data=DataChange(deletes=frozenset({"a", "never there"})))),
            store.save(record.id, Change(data=sets(c=3))),
        )
        assert msgspec.json.decode((await alive(store, record.id)).data) == {"b": 2, "c": 3}

    async def test_a_change_that_is_given_data_is_made_while_they_are_stored_and_never_else(
        self, store: Store
    ) -> None:
        record = sample_record(1, data=b'{"a":1,"b":"x"}')
        await store.create(record)
        fits = DataChange(
            sets={"a": b"2"}, deletes=frozenset({"b"}), given={"a": b"1", "b": b'"x"', "c": None}
        )
        saved = await store.save(record.id, Change(data=fits))
        assert saved is not None
        assert saved.data == b'{"a":2}'
        another, too_much, missing = ("a", b"1"), ("a", None), ("b", b'"x"')
        for key, value in (another, too_much, missing):
            wanted = DataChange(sets={"late": b"true"}, increments={"a": 1}, given={key: value})
            with pytest.raises(StaleData):
                await store.save(record.id, Change(data=wanted, seen_at=NOW + 5))
        assert await store.load(record.id) == saved
        assert await store.save(sample_record(2).id, Change(data=fits)) is None

    async def test_of_many_changes_that_are_given_the_same_one_is_made(self, store: Store) -> None:
        record = sample_record(1, data=b'{"a":0}')
        await store.create(record)
        changes = [
            Change(data=DataChange(sets={"a": b"%d" % writer}, given={"a": b"0"})) for writer in range(1, 9)
        ]
        saved = await asyncio.gather(
            *(store.save(record.id, change) for change in changes), return_exceptions=True
        )
        [winner] = [each for each in saved if isinstance(each, Record)]
        assert sum(isinstance(each, StaleData) for each in saved) == 7
        assert await store.load(record.id) == winner

    async def test_of_two_commits_on_one_digest_one_wins_and_all_data_are_kept(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        changes = [commit_by(writer, record, **{f"by{writer}": True}) for writer in range(8)]
        saved = await asyncio.gather(*(store.save(record.id, change) for change in changes))
        found = await alive(store, record.id)
        wanted = [change.commit.chain for change in changes if change.commit]
        assert wanted.count(found.chain) == 1
        assert {record.chain for record in saved if record} == {found.chain}  # each caller sees who won
        assert msgspec.json.decode(found.data) == {f"by{writer}": True for writer in range(8)}

    async def test_a_commit_that_moves_nothing_can_take_an_authentication_back(self, store: Store) -> None:
        record = sample_record(1, "u-1")
        assert record.identity is not None
        await store.create(record)
        over = Elevation(at=0.0, amr=record.identity.amr, absolute_at=record.absolute_at)
        same = Commit(expected=record.chain.digest, chain=record.chain, authenticated=over)
        saved = await store.save(record.id, Change(commit=same))
        wanted = msgspec.structs.replace(record.identity, auth_time=0.0)
        assert saved == msgspec.structs.replace(record, rev=record.rev + 1, identity=wanted)
        assert await store.load(record.id) == saved

    async def test_a_commit_on_a_digest_that_is_gone_is_left_out(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        first = await store.save(record.id, commit_by("first", record))
        late = await store.save(record.id, commit_by("late", record, kept=True))
        assert first is not None
        assert late is not None
        assert late.chain == first.chain
        assert late.data == b'{"kept":true}'

    async def test_an_authentication_moves_chain_deadline_and_identity_in_one_step(
        self, store: Store
    ) -> None:
        record = sample_record(1, "u-1")
        await store.create(record)
        elevation = Elevation(at=NOW + 9, amr=("pwd", "otp"), absolute_at=NOW + 50_000)
        moved = commit_by("me", record).commit
        assert moved is not None
        commit = Commit(expected=moved.expected, chain=moved.chain, authenticated=elevation)
        await store.save(record.id, Change(commit=commit))
        found = await alive(store, record.id)
        assert found.chain == commit.chain
        assert found.absolute_at == NOW + 50_000
        assert found.identity is not None
        assert (found.identity.auth_time, found.identity.amr) == (NOW + 9, ("pwd", "otp"))

    async def test_new_facts_and_a_commit_at_the_same_time_both_hold(self, store: Store) -> None:
        for seed in range(20):
            record = sample_record(seed, f"u-{seed}")
            await store.create(record)
            commit = commit_by(seed, record)
            demoted = Change(identity=Identity(user_id=f"u-{seed}", roles=frozenset({"reader"})))
            racing = [commit, demoted] if seed % 2 else [demoted, commit]
            await asyncio.gather(*(store.save(record.id, change) for change in racing))
            found = await alive(store, record.id)
            assert commit.commit is not None
            assert found.chain.digest == commit.commit.chain.digest
            assert found.identity is not None
            assert found.identity.roles == {"reader"}
            assert found.identity.auth_time == NOW  # how somebody signed in stays as stored
