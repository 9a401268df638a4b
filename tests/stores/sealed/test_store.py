"""Session data sealed in a store: what lies there, what opens it, and what is said where nothing does."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coatcheck.core import ciphertext, codec
from coatcheck.core.change import Change, DataChange
from coatcheck.core.errors import CorruptRecord, KeyMissing, StoreUnavailable
from coatcheck.core.moving import Movable
from coatcheck.core.overview import Sought
from coatcheck.core.skills import VERBS
from coatcheck.core.store import Cached, Feed, Rows, Scan
from coatcheck.stores import MemoryStore, MovingStore, NearStore, SqliteStore, open_store
from coatcheck.stores.moving import Walk
from coatcheck.stores.sealed import SealedStore
from coatcheck.stores.sealed import store as sealed_store
from coatcheck.testing import CountingStore
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.sample import sets
from tests.core.test_codec import json_objects, json_values
from tests.stores.sealed.support import BOTH, NEW, OLD, STRANGER

SECRET = "4111 1111 1111 1111"
RECORD = sample_record(1, "u-1", data=codec.join({"card": codec.encode_value(SECRET), "n": b"1"}))


@pytest.fixture
def memory():
    return MemoryStore()


async def put(store, record=RECORD, sealer=OLD):
    await SealedStore(store, sealer).create(record)
    return record


async def spoil(store, **values):
    """Write into the store as somebody could who has the database and no key."""
    await store.save(RECORD.id, Change(data=DataChange(sets=values)))


async def stored(store, id=RECORD.id):
    return codec.split((await store.load(id)).data)


async def test_in_the_file_of_sqlite_the_names_can_be_read_and_the_values_cannot(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/s.db", near=True, sealer=OLD)
    await put(store.inner.inner)
    change = DataChange(sets={"late": b'"hush-hush"'}, increments={"n": 4_096_123})
    await store.save(RECORD.id, Change(data=change))
    found = await store.load(RECORD.id)
    assert codec.decode(found.data) == {"card": SECRET, "n": 4_096_124, "late": "hush-hush"}
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for hidden in (SECRET.encode(), b"hush-hush", b"4096124"):
        assert hidden not in raw
    for shown in (b"card", b"late", b"coatcheck:sealed:", b"ada@example.test", b"Firefox"):
        assert shown in raw
    await store.close()


async def test_in_redis_the_values_cannot_be_read(redis_8):
    redis_8.empty()
    store = open_store(redis_8.url, sealer=OLD)
    await put(store.inner)
    assert (await store.load(RECORD.id)).data == RECORD.data
    [raw] = [redis_8.command("GET", key) for key in redis_8.command("KEYS", f"*:{RECORD.id}")]
    assert b"card" in raw
    assert SECRET.encode() not in raw
    await store.close()


async def test_a_value_opens_for_its_session_and_its_key_alone(memory):
    other = sample_record(2, data=codec.join({"card": b'"nothing"', "n": b"2"}))
    for record in (RECORD, other):
        await put(memory, record)
    store, theirs = SealedStore(memory, OLD), await stored(memory, other.id)
    for moved in ({"card": theirs["card"]}, {"n": (await stored(memory))["card"]}):
        await spoil(memory, **moved)
        with pytest.raises(CorruptRecord, match="another place"):
            await store.load(RECORD.id)
    assert (await store.load(other.id)).data == other.data


async def test_a_value_that_was_changed_anywhere_is_never_believed(memory):
    await put(memory)
    box = ciphertext.unwrap((await stored(memory))["n"])
    for index in range(len(box)):
        changed = bytearray(box)
        changed[index] ^= 1
        await spoil(memory, n=ciphertext.wrap(bytes(changed)))
        # What names version and key says after that that the key is not here: nobody can tell it from that.
        with pytest.raises(KeyMissing if index < 5 else CorruptRecord):
            codec.decode((await SealedStore(memory, OLD).load(RECORD.id)).data)


@pytest.mark.parametrize("sealer", [STRANGER, NEW])
async def test_a_key_that_is_missing_is_a_fault_of_the_store_and_nothing_is_lost(memory, sealer):
    await put(memory)
    before = await memory.load(RECORD.id)
    wrong = SealedStore(memory, sealer)
    told = pytest.raises(KeyMissing, match=r"not here\. Give the key they were sealed with")
    with told:
        codec.decode((await wrong.load(RECORD.id)).data)
    with told:
        await wrong.save(RECORD.id, Change(data=DataChange(increments={"n": 1})))
    assert await memory.load(RECORD.id) == before
    assert await SealedStore(memory, OLD).load(RECORD.id) == RECORD


async def test_what_takes_no_data_takes_no_key(memory):
    mine, theirs = (sample_record(n, "u-1", data=b'{"n":1}') for n in (1, 2))
    await put(memory, mine)
    await put(memory, theirs, STRANGER)
    store = SealedStore(memory, OLD)
    sealed = await memory.load(theirs.id)
    by_id = sorted([mine, sealed], key=lambda record: record.id)
    assert await store.load(theirs.id) == sealed
    assert await store.scan("", 9) == by_id
    assert sorted((await store.newest(Sought(NOW))).records, key=lambda record: record.id) == by_id
    assert (await store.save(theirs.id, Change(seen_at=NOW + 1))).data == sealed.data


async def test_an_older_key_opens_and_what_is_written_is_sealed_with_the_newest(memory):
    await put(memory)
    store = SealedStore(memory, BOTH)
    assert await store.load(RECORD.id) == RECORD
    await store.save(RECORD.id, Change(data=DataChange(increments={"n": 1})))
    now = await stored(memory)
    assert not BOTH.is_current(ciphertext.unwrap(now["card"]))
    assert BOTH.is_current(ciphertext.unwrap(now["n"]))


async def test_what_lies_in_the_clear_is_read_and_sealed_when_it_is_written(memory):
    await memory.create(RECORD)
    store = SealedStore(memory, OLD)
    assert await store.load(RECORD.id) == RECORD
    saved = await store.save(RECORD.id, Change(data=DataChange(increments={"n": 1})))
    assert codec.split(saved.data) == {"card": codec.encode_value(SECRET), "n": b"2"}
    now = await stored(memory)
    assert now["card"] == codec.encode_value(SECRET)
    assert now["n"].startswith(b'"coatcheck:sealed:')


async def test_what_cannot_be_opened_is_passed_over_by_a_walk(memory):
    records = sorted((sample_record(n, data=b'{"n":1}') for n in range(5)), key=lambda record: record.id)
    for record in records:
        await put(memory, record)
    for broken in records[1:3]:
        value = (await stored(memory, records[0].id))["n"]
        await memory.save(broken.id, Change(data=DataChange(sets={"n": value})))
    sound = [records[0], *records[3:]]
    store = SealedStore(memory, OLD)
    assert await store.scan("", 100) == sound
    assert await store.scan("", 2) == sound[:2]
    assert await store.scan(records[0].id, 1) == sound[1:2]


async def test_fifty_that_count_at_once_lose_nothing_and_ask_twice_each_time(memory):
    counting = CountingStore(memory)
    await put(memory, sample_record(1, data=b'{"n":0}'))
    store = SealedStore(counting, OLD)
    await store.save(RECORD.id, Change(data=DataChange(increments={"n": 1})))
    assert counting.counts == {"load": 1, "save": 1}
    step = Change(data=DataChange(increments={"n": 1}, sets={"a": b"1"}))
    await asyncio.gather(*(store.save(RECORD.id, step) for _ in range(49)))
    assert (await store.load(RECORD.id)).data == b'{"n":50,"a":1}'


async def test_of_one_process_nobody_makes_another_try_again(tmp_path):
    counting = CountingStore(SqliteStore(tmp_path / "s.db"))
    await put(counting)
    store = SealedStore(counting, OLD)
    step = Change(data=DataChange(increments={"n": 1}))
    await asyncio.gather(*(store.save(RECORD.id, step) for _ in range(20)))
    assert (counting.counts["load"], counting.counts["save"]) == (20, 20)
    assert not store._turns.get()  # nobody is remembered for having had a turn
    await store.close()


async def test_workers_that_count_in_one_session_lose_nothing(tmp_path):
    """Two stores on one file are as two workers: each in its own turns, both against each other."""
    workers = [open_store(f"sqlite:///{tmp_path}/s.db", sealer=OLD) for _ in range(2)]
    await put(workers[0].inner)
    step = Change(data=DataChange(increments={"n": 1}))
    await asyncio.gather(*(worker.save(RECORD.id, step) for worker in workers for _ in range(25)))
    assert codec.decode((await workers[0].load(RECORD.id)).data)["n"] == 51
    for worker in workers:
        await worker.close()


async def test_who_is_never_fast_enough_is_told(memory, monkeypatch):
    await put(memory)
    monkeypatch.setattr(sealed_store, "ATTEMPTS", 2)

    class Restless(CountingStore):
        async def load(self, id):
            found = await super().load(id)
            await SealedStore(memory, OLD).save(id, Change(data=sets(n=0)))
            return found

    with pytest.raises(StoreUnavailable, match="changes faster than it can be added to"):
        await SealedStore(Restless(memory), OLD).save(RECORD.id, Change(data=DataChange(increments={"n": 1})))


async def test_the_near_cache_remembers_in_the_clear_and_the_store_never_has_it(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/s.db", near=True, sealer=OLD)
    await store.create(RECORD)
    await store.load(RECORD.id)
    assert store.recall(RECORD.id).data == RECORD.data
    await store.close()


@pytest.mark.parametrize("kind", ["memory", "sqlite", "moving"])
def test_it_has_the_skills_of_the_store_behind_it_and_remembers_nothing(kind, tmp_path):
    behind = {
        "memory": MemoryStore,
        "sqlite": lambda: SqliteStore(tmp_path / "s.db"),
        "moving": lambda: MovingStore(MemoryStore(), MemoryStore()),
    }[kind]()
    sealed = SealedStore(behind, OLD)
    assert VERBS.keys() >= {Rows, Scan, Feed}
    for skill in VERBS.keys() - {Movable}:
        assert isinstance(sealed, skill) == isinstance(behind, skill)
    assert not isinstance(sealed, Cached | Movable)
    assert isinstance(open_store("memory://", near=True, sealer=OLD), NearStore)


async def test_an_operators_page_shows_what_can_be_opened(memory):
    other = sample_record(2, data=codec.join({"card": b'"nothing"'}))
    for record in (RECORD, other):
        await put(memory, record)
    store, sought = SealedStore(memory, OLD), Sought(NOW)
    assert {record.data for record in (await store.newest(sought)).records} == {RECORD.data, other.data}
    await spoil(memory, card=(await stored(memory, other.id))["card"])
    assert (await store.newest(sought)).records == (other,)
    assert await store.count_alive(NOW) == 2


async def test_what_is_sealed_moves_to_another_store_as_it_is(tmp_path):
    old, new = f"sqlite:///{tmp_path}/old.db", f"sqlite:///{tmp_path}/new.db"
    before = open_store(old, sealer=OLD)
    await before.create(RECORD)
    await before.close()
    moving = open_store(new, moving_from=old, sealer=OLD)
    assert await moving.load(RECORD.id) == RECORD
    async for _ in Walk(moving.inner).run():
        pass
    assert await moving.load(RECORD.id) == RECORD
    await moving.close()
    after = open_store(new, sealer=OLD)
    assert await after.load(RECORD.id) == RECORD
    await after.close()


steps = st.tuples(st.sampled_from("abc"), st.sampled_from(["set", "delete", "add"]), json_values)


@given(data=json_objects, steps=st.lists(steps, max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_sealed_store_answers_as_one_in_the_clear(data, steps):
    async def run():
        clear, behind = MemoryStore(), MemoryStore()
        sealed = SealedStore(behind, OLD)
        record = sample_record(1, data=codec.join({k: codec.encode_value(v) for k, v in data.items()}))
        for store in (clear, sealed):
            await store.create(record)
        for key, act, value in steps:
            change = Change(
                data={
                    "set": DataChange(sets={key: codec.encode_value(value)}),
                    "delete": DataChange(deletes=frozenset({key})),
                    "add": DataChange(increments={key: 3}),
                }[act]
            )
            assert await sealed.save(record.id, change) == await clear.save(record.id, change)
        assert await sealed.load(record.id) == await clear.load(record.id)
        for value in (await stored(behind, record.id)).values():
            assert value.startswith(b'"coatcheck:sealed:')

    asyncio.run(run())
