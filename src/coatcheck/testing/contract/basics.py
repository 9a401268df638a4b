"""Create, load, save, delete."""

import msgspec
import pytest

from coatcheck.core.change import Change, DataChange
from coatcheck.core.codec import MAX_DATA_BYTES
from coatcheck.core.errors import DataTooLarge, SessionExists
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.store import Ending, Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.sample import NOW, sample_record, sets


class BasicsContract(StoreCase):
    """A store gives back what it was given."""

    @pytest.mark.parametrize("user_id", [None, "u-1"])
    async def test_a_record_comes_back_as_it_was_created(self, store: Store, user_id: str | None) -> None:
        record = sample_record(
            1, user_id, remember=True, rev=7, data=b'{"cart":[1,2.5,null,{"a":"\xc3\xa9"}]}'
        )
        assert await store.create(record) == ()
        assert await store.load(record.id) == record

    async def test_an_unknown_id_is_nothing(self, store: Store) -> None:
        unknown = sample_record().id
        assert await store.load(unknown) is None
        assert await store.save(unknown, Change(data=sets(a=1))) is None
        assert await store.load(unknown) is None

    async def test_an_id_is_created_once(self, store: Store) -> None:
        first = sample_record(1, "u-1")
        await store.create(first)
        with pytest.raises(SessionExists):
            await store.create(msgspec.structs.replace(first, data=b'{"a":1}'))
        assert await store.load(first.id) == first

    async def test_an_ended_id_is_never_created_again(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        await store.end([Ending(record.id, Reason.LOGGED_OUT, NOW + 1)])
        with pytest.raises(SessionExists):
            await store.create(record)

    async def test_a_save_returns_what_is_stored_from_then_on(self, store: Store) -> None:
        record = sample_record(1, "u-1")
        await store.create(record)
        saved = await store.save(record.id, Change(data=sets(theme="dark"), seen_at=NOW + 60))
        assert saved == msgspec.structs.replace(
            record, rev=record.rev + 1, data=b'{"theme":"dark"}', last_seen_at=NOW + 60
        )
        assert await store.load(record.id) == saved

    async def test_every_save_raises_the_revision(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        revs = [await store.save(record.id, Change(data=sets(n=n))) for n in range(3)]
        assert [saved.rev for saved in revs if saved] == [2, 3, 4]

    async def test_data_may_fill_the_limit(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        value = "x" * (MAX_DATA_BYTES - len(b'{"k":""}'))
        saved = await store.save(record.id, Change(data=sets(k=value)))
        assert saved is not None
        assert len(saved.data) == MAX_DATA_BYTES
        assert await store.load(record.id) == saved

    async def test_more_data_is_refused_and_nothing_of_the_change_is_stored(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        value = "x" * (MAX_DATA_BYTES - len(b'{"k":""}') + 1)
        with pytest.raises(DataTooLarge):
            await store.save(record.id, Change(data=sets(k=value), seen_at=NOW + 60))
        assert await store.load(record.id) == record

    async def test_data_grown_by_several_saves_meet_the_same_limit(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        half = "x" * (MAX_DATA_BYTES // 2)
        saved = await store.save(record.id, Change(data=sets(a=half)))
        with pytest.raises(DataTooLarge):
            await store.save(record.id, Change(data=sets(b=half)))
        assert await store.load(record.id) == saved

    async def test_a_delete_leaves_nothing(self, store: Store) -> None:
        kept, gone = sample_record(1, "u-1"), sample_record(2, "u-1")
        for record in (kept, gone):
            await store.create(record)
        assert await store.delete([gone.id, sample_record(3).id]) == 1
        assert await store.load(gone.id) is None
        assert await store.load(kept.id) == kept
        assert (await store.user("u-1")).ids == (kept.id,)

    async def test_any_text_can_be_a_key_and_a_value(self, store: Store) -> None:
        record = sample_record(1)
        await store.create(record)
        values = {"": "empty", "a b.c[0]$'\"\\": "\u2028\x00;--", "ключ": "🧥", "nul": None}
        encoded = {key: msgspec.json.encode(value) for key, value in values.items()}
        await store.save(record.id, Change(data=DataChange(sets=encoded)))
        found = await store.load(record.id)
        assert isinstance(found, Record)
        assert msgspec.json.decode(found.data) == values
