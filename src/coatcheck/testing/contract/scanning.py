"""The skill `Scan`: a walk over everything."""

import pytest

from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending, Scan, Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.sample import NOW, sample_record


class ScanContract(StoreCase):
    """Runs for stores that have the skill."""

    async def test_pages_hold_everything_once_and_in_order(self, store: Store) -> None:
        if not isinstance(store, Scan):
            pytest.skip("the store cannot be walked over")
        records = [sample_record(seed) for seed in range(7)]
        for record in records:
            await store.create(record)
        await store.end([Ending(records[3].id, Reason.REVOKED, NOW)])
        walked = await store.scan("", 3)
        while page := await store.scan(walked[-1].id, 3):
            assert len(page) <= 3
            walked += page
        assert [row.id for row in walked] == sorted(record.id for record in records)
        for record in records:
            assert await store.load(record.id) in walked
