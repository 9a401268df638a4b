"""An end is final, whatever else is under way."""

import asyncio

from coatcheck.core.change import Change
from coatcheck.core.errors import SessionExists
from coatcheck.core.reason import Reason
from coatcheck.core.record import Tombstone
from coatcheck.core.store import Ending, Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.sample import NOW, commit_by, sample_record, sets

AT_ONCE = 100


class EndingsContract(StoreCase):
    """What ended stays ended, with its first reason."""

    async def test_an_end_leaves_a_tombstone_and_nothing_to_sign_in_with(self, store: Store) -> None:
        record = sample_record(1, "u-1")
        await store.create(record)
        assert await store.end([Ending(record.id, Reason.LOGGED_OUT, NOW + 5)]) == 1
        assert await store.load(record.id) == Tombstone(
            id=record.id,
            reason=Reason.LOGGED_OUT,
            at=NOW + 5,
            user_id="u-1",
            family_digest=record.chain.family_digest,
        )
        assert (await store.user("u-1")).ids == ()

    async def test_the_first_reason_stays(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        endings = [
            Ending(record.id, Reason.TOKEN_REUSED, NOW + 5),
            Ending(record.id, Reason.REVOKED, NOW + 6),
        ]
        assert await store.end(endings) == 1
        assert await store.end([Ending(record.id, Reason.LOGGED_OUT, NOW + 7)]) == 0
        assert await store.load(record.id) == record.entomb(Reason.TOKEN_REUSED, NOW + 5)

    async def test_only_the_living_are_counted(self, store: Store) -> None:
        records = [sample_record(seed, "u-1") for seed in range(3)]
        for record in records:
            await store.create(record)
        unknown = sample_record("unknown").id
        ids = [records[0].id, unknown, records[1].id]
        assert await store.end([Ending(id, Reason.REVOKED, NOW) for id in ids]) == 2
        assert (await store.user("u-1")).ids == (records[2].id,)

    async def test_an_end_that_overtakes_the_create_wins(self, store: Store) -> None:
        record = sample_record(1, "u-1")
        assert await store.end([Ending(record.id, Reason.REVOKED, NOW)]) == 0
        assert await store.load(record.id) == Tombstone(id=record.id, reason=Reason.REVOKED, at=NOW)
        try:
            await store.create(record)
        except SessionExists:
            pass
        else:
            raise AssertionError("the session was created after its end")
        assert (await store.user("u-1")).ids == ()

    async def test_no_save_revives(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        await store.end([Ending(record.id, Reason.LOGGED_OUT, NOW + 5)])
        assert await store.save(record.id, commit_by("late", record, a=1)) is None
        assert await store.load(record.id) == record.entomb(Reason.LOGGED_OUT, NOW + 5)

    async def test_nothing_revives_in_any_race(self, store: Store) -> None:
        for start in range(0, self.races, AT_ONCE):
            await asyncio.gather(*(self._race(store, seed) for seed in range(start, start + AT_ONCE)))

    async def _race(self, store: Store, seed: int) -> None:
        record = sample_record(seed, f"u-{seed}")
        await store.create(record)
        verbs = [
            store.save(record.id, Change(data=sets(a=seed), seen_at=NOW + 2)),
            store.touch([(record.id, NOW + 3)]),
            store.end([Ending(record.id, Reason.REVOKED, NOW + 1)]),
            store.save(record.id, commit_by(seed, record)),
        ]
        turn = seed % len(verbs)
        await asyncio.gather(*verbs[turn:], *verbs[:turn])
        assert await store.load(record.id) == record.entomb(Reason.REVOKED, NOW + 1)
        assert await store.save(record.id, Change(data=sets(b=1))) is None
        assert (await store.user(f"u-{seed}")).ids == ()
