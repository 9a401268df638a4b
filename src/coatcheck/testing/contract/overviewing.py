"""The skill `Overview`: live sessions counted, and shown from the newest to the oldest."""

import pytest

from coatcheck.core.device import Device
from coatcheck.core.overview import LOOKED_AT, NEWEST, Overview, Place, Sought
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.store import Ending, Store
from coatcheck.testing.contract.case import Damage, StoreCase
from coatcheck.testing.contract.sample import NOW, sample_record

ALIVE = Sought(NOW)


def begun(seed: int, user_id: str | None = None, ip: str = "192.0.2.7") -> Record:
    """Return a record; an even one and the next began at one moment."""
    return sample_record(
        f"overview {seed}", user_id, created_at=NOW + seed // 2 * 2, device=Device(ip=ip, label="Firefox")
    )


class OverviewContract(StoreCase):
    """Runs for stores that have the skill."""

    @pytest.fixture
    def overview(self, store: Store) -> Overview:
        """The store under test, as one that gives an overview."""
        if not isinstance(store, Overview):
            pytest.skip("the store gives no overview")
        return store

    async def test_pages_show_live_sessions_once_and_the_newest_first(
        self, store: Store, overview: Overview
    ) -> None:
        records = [begun(seed) for seed in range(9)]
        for record in records:
            await store.create(record)
        await store.end([Ending(records[3].id, Reason.REVOKED, NOW)])
        await store.delete([records[5].id])
        shown: list[str] = []
        place: Place | None = NEWEST
        while place is not None:
            page = await overview.newest(ALIVE, place, 2)
            assert len(page.records) <= 2
            shown += [record.id for record in page.records]
            place = page.rest
        kept = [record for record in records if record not in (records[3], records[5])]
        assert shown == [record.id for record in sorted(kept, key=Place.of, reverse=True)]

    async def test_a_page_shows_sessions_as_they_are_now(self, store: Store, overview: Overview) -> None:
        await store.create(begun(1, "ada"))
        await store.touch([(begun(1).id, NOW + 60)])
        [shown] = (await overview.newest(ALIVE)).records
        assert shown.last_seen_at == NOW + 60
        assert shown == await store.load(shown.id)

    async def test_what_ended_or_expired_is_neither_counted_nor_shown(
        self, store: Store, overview: Overview
    ) -> None:
        for seed in range(4):
            await store.create(begun(seed))
        await store.end([Ending(begun(0).id, Reason.LOGGED_OUT, NOW), Ending("f" * 32, Reason.REVOKED, NOW)])
        await store.touch([(begun(1).id, NOW + 900)])
        assert await overview.count_alive(NOW) == 3
        assert await overview.count_alive(NOW + 2_000) == 1  # idle for 1,800 seconds
        [left] = (await overview.newest(Sought(NOW + 2_000))).records
        assert left.id == begun(1).id
        assert await overview.count_alive(NOW + 3_000) == 0

    async def test_a_text_finds_devices_and_users_in_whatever_case(
        self, store: Store, overview: Overview
    ) -> None:
        await store.create(begun(1, "ada", ip="192.0.2.1"))
        await store.create(begun(2, "grace", ip="192.0.2.2"))
        await store.create(begun(3, ip="198.51.100.9"))
        found = {
            text: [record.id for record in (await overview.newest(Sought(NOW, text))).records]
            for text in ("192.0.2.", "GRACE", "Łovelace", "firefox", "198.51.100.9", "%", "nowhere")
        }
        one, two, three = (begun(seed).id for seed in (1, 2, 3))
        assert found["192.0.2."] == [two, one]
        assert found["GRACE"] == [two]
        assert found["Łovelace"] == [two, one]
        assert found["firefox"] == [three, two, one] or found["firefox"] == [two, three, one]
        assert found["198.51.100.9"] == [three]
        assert found["%"] == found["nowhere"] == []

    async def test_a_search_says_where_it_stopped(self, store: Store, overview: Overview) -> None:
        for seed in range(7):
            await store.create(begun(seed, ip="192.0.2.1" if seed < 2 else "198.51.100.9"))
        page = await overview.newest(Sought(NOW, "192.0.2.1"), NEWEST, 1)
        [first] = page.records
        assert page.rest == Place.of(first)
        [second] = (await overview.newest(Sought(NOW, "192.0.2.1"), page.rest, 1)).records
        assert {first.id, second.id} == {begun(0).id, begun(1).id}
        assert LOOKED_AT >= 1_000

    async def test_a_corrupt_row_is_skipped(self, store: Store, overview: Overview) -> None:
        for seed in range(3):
            await store.create(begun(seed * 2))
        if not await self.damage(store, begun(2).id, Damage.TRUNCATED_DATA):
            pytest.skip("this store keeps nothing that can be spoilt so")
        shown = (await overview.newest(ALIVE)).records
        assert [record.id for record in shown] == [begun(4).id, begun(0).id]
