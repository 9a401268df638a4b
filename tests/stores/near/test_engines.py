"""A near-cache on the real feed of each engine: how soon it hears, and that it believes what is true."""

import asyncio
from types import SimpleNamespace

import pytest

from coatcheck.core.change import Change
from coatcheck.core.reason import Reason
from coatcheck.core.store import ABSENT, Ending
from coatcheck.stores import MemoryStore, NearStore, open_store
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.sample import sets
from tests.manager.feeds import until

ADA = sample_record(1, "u-1")


@pytest.fixture(params=["memory", "sqlite", "postgres", "redis_8", "redis_cluster"])
async def two(request, tmp_path):
    """A store that remembers, and another way to write to the same sessions."""
    match request.param:
        case "memory":
            other = MemoryStore()
            near = NearStore(other)
        case "sqlite":
            url = f"sqlite:///{tmp_path}/sessions.db"
            near, other = open_store(url, near=True), open_store(url)
        case "postgres":
            url = request.getfixturevalue("emptied")
            near, other = open_store(url, near=True), open_store(url)
        case name:
            server = request.getfixturevalue(name)
            server.empty()
            url = server.url
            near, other = open_store(url, near=True), open_store(url)
    await other.create(ADA)
    yield near, other
    await near.close()
    await other.close()


async def remembers(near):
    """Load until it is remembered: a feed has to say first that it listens."""
    async with asyncio.timeout(10):
        while near.recall(ADA.id) is None:
            await near.load(ADA.id)
            await asyncio.sleep(0.01)


async def test_a_change_elsewhere_is_heard_long_before_the_bound(two):
    near, other = two
    await remembers(near)
    clock = asyncio.get_running_loop()
    saved = await other.save(ADA.id, Change(data=sets(a=1)))
    began = clock.time()
    await until(lambda: near.recall(ADA.id) is None)
    assert clock.time() - began < 1.0
    await remembers(near)
    assert near.recall(ADA.id) == saved
    await other.end([Ending(ADA.id, Reason.REVOKED, NOW)])
    await until(lambda: near.recall(ADA.id) is None)


async def test_a_row_that_vanished_without_a_word_admits_for_the_age_and_no_longer(two, monkeypatch):
    near, other = two
    await remembers(near)
    ahead, real = 0.0, near._clock
    monkeypatch.setattr(near, "_clock", SimpleNamespace(now=lambda: real.now() + ahead))
    monkeypatch.setattr(near._news, "is_current", lambda now: True)
    await other.delete([ADA.id])  # the sweeper's verb, which no feed tells of: as an eviction or a FLUSHDB
    await near.touch([(ADA.id, NOW + 50)])
    assert near.recall(ADA.id) is not None
    ahead = near._cache._age + 1
    assert near.recall(ADA.id) is None
    assert await near.load(ADA.id) is None
    assert near.recall(ADA.id) is ABSENT


async def test_a_quiet_store_is_believed_for_as_long_as_its_heart_beats(two):
    near, _ = two
    await remembers(near)
    for _ in range(15):
        await asyncio.sleep(0.1)
        assert near.recall(ADA.id) == ADA
