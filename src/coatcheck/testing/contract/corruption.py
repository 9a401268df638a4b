"""A row that was spoilt is never believed, never executed, and in nobody's way."""

from collections.abc import Iterator

import pytest

from coatcheck.core.change import Change
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Ending, Scan, Store
from coatcheck.testing.contract.case import Damage, StoreCase
from coatcheck.testing.contract.sample import NOW, sample_record, sets

every_damage = pytest.mark.parametrize("how", Damage)


class CorruptionContract(StoreCase):
    """Runs for stores that say how their rows can be damaged."""

    @pytest.fixture(autouse=True)
    def _nothing_was_executed(self, _pour_poison: None) -> Iterator[None]:
        yield
        assert not self.poison.flag.exists()

    async def _spoil(self, store: Store, how: Damage) -> tuple[Record, Record]:
        """Return the record that was spoilt, and its sound neighbour, which a walk meets after it."""
        spoilt, sound = sorted(
            (sample_record(seed, "u-1") for seed in range(2)), key=lambda record: record.id
        )
        for record in (spoilt, sound):
            await store.create(record)
        if not await self.damage(store, spoilt.id, how):
            pytest.skip("the rows of this store cannot be damaged so")
        return spoilt, sound

    @every_damage
    async def test_it_cannot_be_loaded_or_saved(self, store: Store, how: Damage) -> None:
        spoilt, _ = await self._spoil(store, how)
        with pytest.raises(CorruptRecord):
            await store.load(spoilt.id)
        with pytest.raises(CorruptRecord):
            await store.save(spoilt.id, Change(data=sets(a=1)))

    @every_damage
    async def test_its_neighbours_work_on(self, store: Store, how: Damage) -> None:
        spoilt, sound = await self._spoil(store, how)
        await store.touch([(spoilt.id, NOW + 5), (sound.id, NOW + 5)])
        found = await store.load(sound.id)
        assert isinstance(found, Record)
        assert found.last_seen_at == NOW + 5
        assert sound.id in (await store.bump("u-1")).ids
        if isinstance(store, Scan):
            assert await store.scan("", 1) == [found]

    @every_damage
    async def test_it_can_be_ended(self, store: Store, how: Damage) -> None:
        spoilt, _ = await self._spoil(store, how)
        assert await store.end([Ending(spoilt.id, Reason.REVOKED, NOW)]) == 1
        assert isinstance(await store.load(spoilt.id), Tombstone)

    @every_damage
    async def test_it_can_be_swept(self, store: Store, how: Damage) -> None:
        spoilt, _ = await self._spoil(store, how)
        assert await store.sweep(NOW + 100_000, 10) == 2
        assert await store.load(spoilt.id) is None
