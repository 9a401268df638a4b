"""What is Redis's own: where keys are, how long they live, what heals, and what full memory lets through."""

import asyncio
import struct
from pathlib import Path

import msgspec
import pytest
from redis.crc import key_slot

from coatcheck.core.change import Change, DataChange, Elevation
from coatcheck.core.errors import (
    CorruptRecord,
    DataNotSerializable,
    SessionExists,
    StaleUser,
    StoreUnavailable,
)
from coatcheck.core.identity import Identity
from coatcheck.core.ledger import Entry, Search
from coatcheck.core.lifetimes import DAY
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Ending, Row, UserEntry
from coatcheck.stores import open_store
from coatcheck.stores.redis import RedisStore
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.auditing import sample_chain
from coatcheck.testing.contract.feeding import Listener
from coatcheck.testing.contract.sample import commit_by, sets

RETENTION = 7 * DAY


@pytest.fixture
def server(redis_8):
    redis_8.empty()
    return redis_8


@pytest.fixture
async def store(server):
    store = RedisStore(server.url)
    yield store
    await store.close()


def ttl(server, key) -> float:
    return server.command("PTTL", key) / 1_000


def names(server) -> set[str]:
    return {name.decode() for name in server.command("KEYS", "*")}


def index_of(server, user) -> set[bytes]:
    return set(server.command("HKEYS", f"coatcheck:user:{user}")) - {b"version"}


async def recent(server, seed, user=None, **overrides) -> Record:
    """Return a record that is alive by the server's own clock, which its times to live go by."""
    seconds, _ = server.command("TIME")
    at = float(seconds)
    lived = {"created_at": at, "last_seen_at": at, "absolute_at": at + 43_200.0}
    return sample_record(seed, user, **(lived | overrides))


async def test_the_keys_of_a_session_share_a_slot_and_its_user_has_another(server, store):
    record = sample_record(1, "u-1")
    await store.create(record)
    await store.put_row("row", b"1", expected=0, expires_at=NOW)
    bucket = record.id[:2]
    assert names(server) == {
        f"coatcheck:{{{bucket}}}",
        f"coatcheck:{{{bucket}}}.newest",
        f"coatcheck:{{{bucket}}}:{record.id}",
        "coatcheck:user:u-1",
        "coatcheck:{r6}",
        "coatcheck:{r6}:row",
        "coatcheck:{r6}.versions",
    }
    slots = {key_slot(name.encode()) for name in names(server) if bucket in name}
    assert len(slots) == 1
    assert key_slot(b"coatcheck:user:u-1") not in slots


async def test_a_key_lives_until_its_deadline_and_the_retention(server, store):
    record = await recent(server, 1, "u-1")
    await store.create(record)
    key = store._keys.session(record.id)
    assert ttl(server, key) == pytest.approx(1_800 + RETENTION, abs=5)
    assert ttl(server, "coatcheck:user:u-1") == pytest.approx(43_200 + RETENTION, abs=5)
    await store.touch([(record.id, record.last_seen_at + 900)])
    assert ttl(server, key) == pytest.approx(2_700 + RETENTION, abs=5)
    await store.save(record.id, Change(seen_at=record.last_seen_at + 1_000))
    assert ttl(server, key) == pytest.approx(2_800 + RETENTION, abs=5)
    await store.end([Ending(record.id, Reason.REVOKED, record.created_at)])
    assert ttl(server, key) == pytest.approx(RETENTION, abs=5)
    await store.put_row("row", b"1", expected=0, expires_at=record.created_at + 60)
    assert ttl(server, "coatcheck:{r6}:row") == pytest.approx(60 + RETENTION, abs=5)


async def test_what_an_application_with_a_slow_clock_stores_does_not_vanish_early(server, store):
    record = sample_record(1, "u-1")  # of years ago
    await store.create(record)
    await store.bump("u-2")
    for key in (store._keys.session(record.id), "coatcheck:user:u-1", "coatcheck:user:u-2"):
        assert ttl(server, key) == pytest.approx(RETENTION, abs=5)


async def test_authenticating_again_lets_the_users_entry_live_as_long_as_the_session(server, store):
    record = await recent(server, 1, "u-1")
    await store.create(record)
    change = commit_by("again", record)
    later = Elevation(at=record.created_at, amr=("pwd",), absolute_at=record.created_at + 3 * DAY)
    commit = msgspec.structs.replace(change.commit, authenticated=later)
    await store.save(record.id, Change(commit=commit))
    assert ttl(server, "coatcheck:user:u-1") == pytest.approx(3 * DAY + RETENTION, abs=5)


async def test_who_meets_a_dead_id_in_the_index_drops_it(server, store):
    ended, lost, live = (sample_record(seed, "u-1") for seed in range(3))
    for record in (ended, lost, live):
        await store.create(record)
    await store.end([Ending(ended.id, Reason.REVOKED, NOW)])
    server.command("DEL", store._keys.session(lost.id))
    assert len(index_of(server, "u-1")) == 3
    assert (await store.user("u-1")).ids == (live.id,)
    assert index_of(server, "u-1") == {live.id.encode()}


async def test_a_sign_in_at_the_cap_drops_the_dead_instead_of_the_living(server, store):
    ended, live, new = (sample_record(seed, "u-1", created_at=NOW + seed) for seed in range(3))
    for record in (ended, live):
        await store.create(record)
    await store.end([Ending(ended.id, Reason.REVOKED, NOW)])
    assert await store.create(new, 0, Cap(2)) == ()
    assert index_of(server, "u-1") == {live.id.encode(), new.id.encode()}


@pytest.mark.parametrize("change", ["rotation", "new facts"])
async def test_a_session_that_a_failover_lost_from_the_index_comes_back(server, store, change):
    record = sample_record(1, "u-1")
    await store.create(record)
    server.command("DEL", "coatcheck:user:u-1")
    await store.save(record.id, Change(data=sets(a=1)))
    assert (await store.user("u-1")).ids == ()
    facts = Change(identity=Identity(user_id="u-1", name="Ada"))
    await store.save(record.id, facts if change == "new facts" else commit_by("rotation", record))
    assert (await store.user("u-1")).ids == (record.id,)


async def test_a_sign_in_that_fails_takes_back_its_session_and_tells_so(server, store):
    record = sample_record(1, "u-1")
    async with Listener.on(store) as listener:
        with pytest.raises(StaleUser):
            await store.create(record, 7)
        await listener.until(lambda: listener.found.get(record.id, record) is None)
    assert names(server) == set()


async def test_a_session_that_ended_while_its_user_was_asked_stays_ended(server, store, monkeypatch):
    record = sample_record(1, "u-1")

    async def end_first(*_):
        await store.end([Ending(record.id, Reason.REVOKED, NOW)])
        raise StaleUser("moved")

    monkeypatch.setattr(store._users, "enter", end_first)
    with pytest.raises(StaleUser):
        await store.create(record)
    assert isinstance(await store.load(record.id), Tombstone)


async def test_a_crash_between_session_and_index_leaves_nothing_that_counts(server, store, monkeypatch):
    """Nobody has a token of such a session, so it is enough that it takes no place and goes away."""
    lost, next_one = sample_record(1, "u-1"), sample_record(2, "u-1")
    await store._sessions.create(lost)
    assert await store.user("u-1") == UserEntry(0, ())
    await store.create(next_one, 0, Cap(1, "deny"))
    assert (await store.user("u-1")).ids == (next_one.id,)
    assert await store.sweep(lost.expires_at + 1, 10) == 2


@pytest.mark.parametrize(
    ("stored", "step", "result"),
    [
        (b"1.5", 1, 2.5),
        (b"1", 0.25, 1.25),
        (b"999999999999999", 1, 1_000_000_000_000_000),
        (b"123456789012345678901234567890", 1, 123456789012345678901234567891),
        (b"-5", 5, 0),
        (b"true", 1, 1),
        (b'"text"', 2, 2),
        (b"null", -3, -3),
        (b"1e3", 1, 1001.0),
        (b"-0", 1, 1),
    ],
)
async def test_an_increment_adds_as_python_does(store, stored, step, result):
    await store.create(sample_record(1, data=b'{"n":' + stored + b',"k":[]}'))
    saved = await store.save(sample_record(1).id, Change(data=DataChange(increments={"n": step})))
    found = msgspec.json.decode(saved.data)
    assert found == {"n": result, "k": []}
    assert type(found["n"]) is type(result)
    assert await store.load(saved.id) == saved


async def test_a_sum_beyond_all_numbers_is_refused_and_nothing_is_stored(store):
    record = sample_record(1, data=b'{"n":1e308}')
    await store.create(record)
    change = DataChange(sets={"a": b"1"}, increments={"n": 1e308})
    with pytest.raises(DataNotSerializable):
        await store.save(record.id, Change(data=change))
    assert await store.load(record.id) == record


async def test_parallel_sums_of_fractions_all_count(store):
    record = sample_record(1)
    await store.create(record)
    change = Change(data=DataChange(increments={"n": 0.5, "whole": 1}))
    await asyncio.gather(*(store.save(record.id, change) for _ in range(20)))
    found = await store.load(record.id)
    assert msgspec.json.decode(found.data) == {"n": 10.0, "whole": 20}


async def test_data_that_come_with_spaces_and_escapes_can_be_merged(store):
    record = sample_record(1, data=b'{ "a" : [1, 2] , "\\u00fc" : {"b": 1} }')
    await store.create(record)
    saved = await store.save(record.id, Change(data=DataChange(sets={"ü": b"2"}, deletes=frozenset("a"))))
    assert msgspec.json.decode(saved.data) == {"ü": 2}


async def test_the_scripts_are_sent_again_to_a_server_that_forgot_them(server, store):
    records = [sample_record(seed, "u-1") for seed in range(3)]
    for record in records:
        server.command("SCRIPT", "FLUSH")
        await store.create(record)
    server.command("SCRIPT", "FLUSH")
    assert await store.end([Ending(record.id, Reason.REVOKED, NOW) for record in records]) == 3


async def test_touches_of_many_sessions_are_one_round_trip(server, store):
    records = [sample_record(seed) for seed in range(50)]
    await asyncio.gather(*(store.create(record) for record in records))
    await store.touch([(records[0].id, NOW + 1)])
    before = server.command("INFO", "stats")
    await store.touch([(record.id, NOW + 60) for record in records])
    after = server.command("INFO", "stats")
    reads = after["total_reads_processed"] - before["total_reads_processed"]
    assert reads < 10  # ours, and what the two looks take
    assert {record.last_seen_at for record in await store.scan("", 50)} == {NOW + 60}


async def test_with_its_memory_full_redis_still_ends_touches_and_revokes(server, store):
    record = sample_record(1, "u-1", data=b'{"k":"%s"}' % (b"x" * 500))
    await store.create(record)
    server.command("CONFIG", "SET", "maxmemory", "1mb")
    try:
        with pytest.raises(StoreUnavailable, match=r"no memory left.*maxmemory"):
            await store.create(sample_record(2))
        assert await store.load(record.id) == record
        await store.touch([(record.id, NOW + 60)])
        assert (await store.load(record.id)).last_seen_at == NOW + 60
        assert (await store.bump("u-1")).version == 1
        assert await store.end([Ending(record.id, Reason.REVOKED, NOW)]) == 1
        assert isinstance(await store.load(record.id), Tombstone)
    finally:
        server.command("CONFIG", "SET", "maxmemory", "0")


async def test_applications_with_prefixes_of_their_own_share_a_server(server, store):
    other = RedisStore(f"{server.url}?prefix=shop")
    mine, theirs = sample_record(1, "u-1"), sample_record(2, "u-1")
    async with Listener.on(other) as listener:
        await store.create(mine)
        await other.create(theirs)
        await listener.hears([theirs.id])
    assert set(listener.heard) == {theirs.id}
    assert await other.load(mine.id) is None
    assert (await other.user("u-1")).ids == (theirs.id,)
    assert await other.scan("", 10) == [theirs]
    await other.close()


async def test_databases_of_a_server_do_not_hear_each_other(server, store):
    other = RedisStore(f"{server.url}/1")
    async with Listener.on(other) as listener:
        await store.create(sample_record(1))
        await other.create(sample_record(2))
        await listener.hears([sample_record(2).id])
    assert set(listener.heard) == {sample_record(2).id}
    await other.close()


def test_one_event_loop_after_another_may_use_a_store(server):
    store, record = RedisStore(server.url), sample_record(1)

    async def create():
        await store.create(record)
        await store._link._ends.get().client.aclose()  # or its sockets would outlive their loop

    async def load():
        assert await store.load(record.id) == record
        await store.close()

    asyncio.run(create())
    asyncio.run(load())


async def test_a_users_entry_that_makes_no_sense_is_named(server, store):
    server.command("HSET", "coatcheck:user:u-1", "version", "soon")
    for verb in (store.user("u-1"),):
        with pytest.raises(CorruptRecord, match="entry of user u-1 cannot be read"):
            await verb
    server.command("HSET", "coatcheck:user:u-2", "\xff", "yesterday")
    with pytest.raises(CorruptRecord, match="Delete its key"):
        await store.user("u-2")


async def test_a_small_row_that_makes_no_sense_is_named(server, store):
    server.command("SET", "coatcheck:{r6}:row", "short")
    with pytest.raises(CorruptRecord, match="row row cannot be read"):
        await store.row("row")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"T",
        b"X" + b"\0" * 200,
        struct.pack("<cd3I", b"T", NOW, 0, 0, 99) + b"revoked",
        struct.pack("<cd3I", b"T", NOW, 0, 0, 3) + b"why",
    ],
    ids=["empty", "cut", "unknown kind", "too short", "no reason"],
)
async def test_a_value_that_is_no_row_is_corrupt_and_can_be_ended_or_swept(server, store, value):
    record = sample_record(1)
    await store.create(record)
    server.command("SET", store._keys.session(record.id), value)
    with pytest.raises(CorruptRecord):
        await store.load(record.id)
    await store.touch([(record.id, NOW + 60)])
    assert await store.scan("", 10) == []
    assert await store.sweep(NOW + 100_000, 10) == 1


async def test_the_row_of_another_session_is_corrupt(server, store):
    mine, other = sample_record(1), sample_record(2)
    for record in (mine, other):
        await store.create(record)
    stolen = store._keys.session(other.id)
    server.command("COPY", store._keys.session(mine.id), stolen, "REPLACE")
    with pytest.raises(CorruptRecord, match="row of another"):
        await store.load(other.id)


async def test_what_nobody_can_read_in_an_index_is_swept_with_the_rest(server, store):
    server.command("ZADD", "coatcheck:{00}", NOW - 5, b"\xff\xfe", NOW - 5, "gone long ago")
    assert await store.sweep(NOW, 10) == 2
    assert names(server) == set()


async def test_a_walk_pages_through_a_bucket_that_it_lists_once(server, store):
    records = [sample_record(seed) for seed in range(30)]
    moved = [msgspec.structs.replace(record, id="00" + record.id[2:]) for record in records]
    await asyncio.gather(*(store.create(record) for record in moved))
    walked = []
    server.command("CONFIG", "RESETSTAT")
    while page := await store.scan(walked[-1].id if walked else "", 7):
        walked += page
    assert walked == sorted(moved, key=lambda record: record.id)
    listed = server.command("INFO", "commandstats")["cmdstat_zrange"]["calls"]
    assert listed <= 256 + 256  # each bucket once, and all after it again to see the end


async def test_the_engines_clock_is_told(server, store):
    seconds, _ = server.command("TIME")
    assert await store.engine_now() == pytest.approx(int(seconds), abs=5)


async def test_on_a_cluster_sessions_are_spread_and_users_elsewhere(redis_cluster):
    redis_cluster.empty()
    store = RedisStore(redis_cluster.url)
    records = [sample_record(seed, f"u-{seed}") for seed in range(60)]
    await asyncio.gather(*(store.create(record) for record in records))
    sizes = [node.command("DBSIZE") for node in redis_cluster.nodes]
    assert min(sizes) > 20
    for record in records:
        assert (await store.bump(record.user_id)).ids == (record.id,)
    assert await store.end([Ending(record.id, Reason.REVOKED, NOW) for record in records]) == 60
    await store.close()


async def test_an_id_that_is_taken_leaves_the_users_entry_alone(server, store):
    await store.create(sample_record(1))
    with pytest.raises(SessionExists):
        await store.create(sample_record(1, "u-1"))
    assert index_of(server, "u-1") == set()


async def test_a_row_keeps_its_version_beside_its_value(server, store):
    await store.put_row("row", b"value", expected=0, expires_at=NOW)
    assert await store.row("row") == Row(b"value", 1)


async def test_the_permissions_in_the_documentation_are_enough(server):
    page = (Path(__file__).parents[2] / "docs" / "stores" / "redis.md").read_text()
    [rule] = [line for line in page.splitlines() if line.startswith("ACL SETUSER coatcheck ")]
    server.command(*rule.split())
    store = open_store(f"redis://coatcheck:password@127.0.0.1:{server.port}/1?replicas=0")
    first, second = (sample_record(seed, "u-1", created_at=NOW + seed) for seed in range(2))
    async with Listener.on(store) as listener:
        await store.create(first)
        await store.create(second, 0, Cap(1))
        await listener.hears([first.id, second.id])
    assert await store.save(second.id, commit_by("second", second, a=1))
    await store.touch([(second.id, NOW + 60)])
    await store.put_row("row", b"1", expected=0, expires_at=NOW)
    await store.delete_row("row")
    assert await store.engine_now() > NOW
    assert (await store.bump("u-1")).ids == (second.id,)
    assert len(await store.scan("", 10)) == 2
    with pytest.raises(StaleUser):
        await store.create(sample_record(3, "u-1"), 0)
    assert await store.hand_over(second.id, 3, NOW)
    await store.adopt([second])
    assert await store.scan_rows("", 10) == []
    assert await store.sweep(NOW + 100_000, 10) == 2
    store.take_notes()
    await store.create(sample_record(9))
    [note] = await store.notes(10)
    await store.append(sample_chain("a", 3), [note.key])
    assert await store.find(Search(), None, 10) == list(reversed(await store.chain("a", 0, 10)))
    assert await store.forget("a", 2) == 2
    assert len(await store.heads()) == 1
    await store.close()
    server.command("ACL", "DELUSER", "coatcheck")


async def test_a_row_that_cannot_be_read_must_be_ended_before_another_is_adopted(server, store):
    record = sample_record(1)
    server.command("SET", store._keys.session(record.id), "R")
    with pytest.raises(CorruptRecord):
        await store.adopt([record])
    await store.end([Ending(record.id, Reason.MOVED, NOW)])
    await store.adopt([record])
    assert await store.load(record.id) == record


async def test_an_entry_of_the_ledger_whose_text_is_of_wrong_types_is_found_and_searched_by_nothing(store):
    text = b'{"event": 5, "at": "noon"}'
    await store.append([Entry(chain="a", seq=1, digest=b"", text=text, name="x", at=1.0)])
    (found,) = await store.find(Search(until=2.0), None, 10)
    assert (found.text, found.name, found.at) == (text, "", 0.0)
    assert await store.find(Search(since=1.0), None, 10) == []
