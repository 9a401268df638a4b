"""Any order of verbs: the stores and a dictionary of a few lines must agree after each of them."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coatcheck.core import change as changes
from coatcheck.core.change import Change, DataChange, Regrant
from coatcheck.core.errors import SessionExists, StaleUser, TooManySessions
from coatcheck.core.identity import Identity
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Absent, Cached, Cap, Ending, UserEntry
from coatcheck.stores import MemoryStore, NearStore, SqliteStore, open_store
from coatcheck.stores.sealed import SealedStore
from coatcheck.testing.contract import NOW, sample_grant, sample_record
from tests.stores.sealed.support import OLD

SEEDS = range(6)
USERS = (None, "ada", "grace")


class Model:
    """What a store is, were there no concurrency, no disk and no hurry."""

    def __init__(self) -> None:
        self.sessions = {}
        self.versions = {}

    def create(self, record, version, cap):
        if record.id in self.sessions:
            return SessionExists
        user, evicted = record.user_id, ()
        if user and self.versions.get(user, 0) != version:
            return StaleUser
        if user and cap:
            live = [row.id for row in self.live(user) if row.expires_at >= record.created_at]
            evicted = tuple(live[: max(0, len(live) + 1 - cap.limit)])
            if evicted and cap.on_full == "deny":
                return TooManySessions
        self.end([Ending(id, Reason.EVICTED, record.created_at) for id in evicted])
        self.sessions[record.id] = record
        return evicted

    def save(self, id, change):
        if not isinstance(row := self.sessions.get(id), Record):
            return None
        self.sessions[id] = changes.apply(row, change)
        return self.sessions[id]

    def touch(self, touches):
        for id, seen_at in touches:
            row = self.sessions.get(id)
            if isinstance(row, Record) and (touched := row.touched(seen_at)):
                self.sessions[id] = touched

    def end(self, endings):
        alive = 0
        for id, reason, at in map(msgspec.structs.astuple, endings):
            row = self.sessions.get(id)
            alive += isinstance(row, Record)
            if isinstance(row, Record):
                self.sessions[id] = row.entomb(reason, at)
            self.sessions.setdefault(id, Tombstone(id=id, reason=reason, at=at))
        return alive

    def delete(self, ids):
        return sum(self.sessions.pop(id, None) is not None for id in ids)

    def bump(self, user):
        self.versions[user] = self.versions.get(user, 0) + 1
        return self.user(user)

    def sweep(self, before, limit):
        assert limit >= len(SEEDS)  # which ones go first is the store's own affair
        return self.delete([id for id, row in self.sessions.items() if due(row) < before])

    def user(self, user):
        return UserEntry(self.versions.get(user, 0), tuple(row.id for row in self.live(user)))

    def live(self, user):
        rows = [row for row in self.sessions.values() if isinstance(row, Record) and row.user_id == user]
        return sorted(rows, key=lambda row: row.created_at)


def due(row):
    return row.expires_at if isinstance(row, Record) else row.at


def record(seed, user, at):
    # Two sessions of one user never begin at the same moment, so "oldest" has one meaning.
    return sample_record(seed, user, created_at=at + seed / 8, last_seen_at=at + seed / 8)


ids = st.sampled_from([sample_record(seed).id for seed in SEEDS])
users = st.sampled_from(USERS[1:])
# Multiples of an eighth are exact, so the model and SQLite's arithmetic agree to the last bit.
moments = st.integers(-3_000, 5_000).map(lambda step: NOW + step)
keys = st.sampled_from(["a", "b"])
data = st.builds(
    DataChange,
    sets=st.dictionaries(st.just("a"), st.sampled_from([b"1", b'"x"'])),
    deletes=st.frozensets(st.just("b")),
    increments=st.dictionaries(st.just("n"), st.integers(-3, 3)),
)
grants = st.sampled_from([(), (sample_grant(1),), (sample_grant(1), sample_grant(2))])
identities = st.builds(Identity, user_id=users, name=st.text(max_size=3))
verbs = st.one_of(
    st.tuples(
        st.just("create"),
        st.builds(record, st.sampled_from(SEEDS), st.sampled_from(USERS), moments),
        st.integers(0, 1),
        st.sampled_from([None, Cap(1), Cap(2), Cap(2, "deny")]),
    ),
    st.tuples(
        st.just("save"),
        ids,
        st.builds(
            Change,
            data=data,
            identity=st.none() | identities,
            seen_at=st.none() | moments,
            grants=st.none() | st.builds(Regrant, grants, st.none() | grants),
        ),
    ),
    st.tuples(st.just("touch"), st.lists(st.tuples(ids, moments), max_size=3)),
    st.tuples(
        st.just("end"),
        st.lists(
            st.builds(Ending, ids, st.sampled_from([Reason.REVOKED, Reason.LOGGED_OUT]), moments), max_size=2
        ),
    ),
    st.tuples(st.just("delete"), st.lists(ids, max_size=2, unique=True)),
    st.tuples(st.just("bump"), users),
    st.tuples(st.just("sweep"), moments, st.just(10)),
)


async def outcome(verb, *args):
    try:
        return await verb(*args)
    except (SessionExists, StaleUser, TooManySessions) as error:
        return type(error)


def recalls(store, id):
    found = store.recall(id)
    return None if isinstance(found, Absent) else found


async def agree(store, steps):
    model = Model()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        for name, *args in steps:
            assert await outcome(getattr(store, name), *args) == getattr(model, name)(*args), name
            for id in {sample_record(seed).id for seed in SEEDS}:
                expected = model.sessions.get(id)
                assert await store.load(id) == expected
                if isinstance(store, Cached) and not store.staleness:
                    assert recalls(store, id) in (expected, None)
            for user in USERS[1:]:
                assert await store.user(user) == model.user(user)
        walked = await store.scan("", 100)
        assert walked == [model.sessions[id] for id in sorted(model.sessions)]


on_a_server = settings(
    max_examples=20,  # each takes a tenth of a second
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@given(steps=st.lists(verbs, max_size=25))
@on_a_server
def test_the_store_on_redis_agrees_with_the_model(steps, redis_8):
    redis_8.empty()
    asyncio.run(agree(open_store(redis_8.url), steps))


@given(steps=st.lists(verbs, max_size=25))
@on_a_server
def test_the_store_on_postgresql_agrees_with_the_model(steps, emptied):
    async def agree_when_empty():
        store = open_store(emptied)
        await store._fetch(
            "TRUNCATE coatcheck_sessions, coatcheck_users, coatcheck_rows, coatcheck_ledger, coatcheck_notes"
        )
        await agree(store, steps)

    asyncio.run(agree_when_empty())


STORES = {
    "memory": lambda path: MemoryStore(),
    "sqlite": SqliteStore,
    "sealed memory": lambda path: SealedStore(MemoryStore(), OLD),
    "near memory": lambda path: NearStore(MemoryStore()),
    "near sqlite": lambda path: NearStore(SqliteStore(path)),
}


@pytest.mark.parametrize("kind", STORES)
@given(steps=st.lists(verbs, max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_store_agrees_with_the_model(kind, steps):
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(agree(STORES[kind](Path(folder) / "sessions.db"), steps))
