"""Grants: kept with their session, moved by compare-and-set, gone with the end."""

import asyncio

from coatcheck.core.change import NO_GRANTS, Change, Regrant
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Ending, Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.merging import alive
from coatcheck.testing.contract.sample import NOW, commit_by, sample_grant, sample_record, sets

ONE, TWO, THREE = (sample_grant(number) for number in range(3))


class GrantingContract(StoreCase):
    """A record keeps what refresh tokens hang on it."""

    async def test_grants_come_back_as_they_were(self, store: Store) -> None:
        record = sample_record(1, user_id="ada", grants=(ONE, TWO))
        await store.create(record)
        assert await store.load(record.id) == record
        saved = await store.save(record.id, Change(grants=Regrant((TWO, THREE), (ONE, TWO))))
        assert saved is not None
        assert saved.grants == (TWO, THREE)
        assert await store.load(record.id) == saved

    async def test_of_all_who_saw_the_same_grants_one_moves_them(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        wanted = [(sample_grant(f"racer {number}"),) for number in range(20)]
        saved = await asyncio.gather(
            *(
                store.save(record.id, Change(data=sets(**{f"k{n}": n}), grants=Regrant(grants, ())))
                for n, grants in enumerate(wanted)
            )
        )
        found = await alive(store, record.id)
        assert found.grants in wanted
        assert {each.grants for each in saved if each is not None} == {found.grants}
        assert found.rev == record.rev + 20
        assert found.data.count(b'"k') == 20

    async def test_a_move_that_expects_nothing_replaces_whatever_there_is(self, store: Store) -> None:
        record = sample_record(1, grants=(ONE, TWO))
        await store.create(record)
        saved = await store.save(record.id, Change(grants=NO_GRANTS))
        assert saved is not None
        assert saved.grants == ()
        again = await store.save(record.id, Change(grants=Regrant((THREE,), (ONE, TWO))))
        assert again is not None
        assert again.grants == ()

    async def test_nothing_else_moves_grants(self, store: Store) -> None:
        record = sample_record(1, user_id="ada", grants=(ONE,))
        await store.create(record)
        await store.save(record.id, commit_by(1, record, k=1))
        await store.save(record.id, Change(identity=record.identity, seen_at=NOW + 1))
        await store.touch([(record.id, NOW + 100)])
        found = await alive(store, record.id)
        assert (found.grants, found.last_seen_at) == ((ONE,), NOW + 100)

    async def test_grants_end_with_their_session(self, store: Store) -> None:
        record = sample_record(1, grants=(ONE,))
        await store.create(record)
        await store.end([Ending(record.id, Reason.REVOKED, NOW)])
        assert await store.save(record.id, Change(grants=Regrant((TWO,), None))) is None
        found = await store.load(record.id)
        assert isinstance(found, Tombstone)
        assert not isinstance(found, Record)
