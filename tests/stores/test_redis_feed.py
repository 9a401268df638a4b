"""A feed that was cut says so, and one that is asked for again hears everything again."""

import asyncio
import gc
import os
import signal
import time

import pytest

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.patience import SILENCE
from coatcheck.stores.redis import RedisStore
from coatcheck.testing.contract import sample_record
from coatcheck.testing.contract.feeding import Listener
from tests.servers.redis import running_cluster, running_redis, wait_until

PATIENCE = 30.0  # seconds


async def cut_of(feed) -> tuple[StoreUnavailable, float]:
    """Return why a feed was cut, and after how many seconds."""
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        await asyncio.wait_for(exhaust(feed), PATIENCE)
    return caught.value, time.monotonic() - started


async def exhaust(feed) -> None:
    async for _ in feed:
        pass


async def test_a_server_that_dies_cuts_its_feed_and_is_heard_again_when_it_is_back():
    with running_redis() as server:
        store = RedisStore(server.url)
        feed = store.feed()
        assert await anext(feed) == ()
        server.kill9()
        fault, _ = await cut_of(feed)
        assert "cannot be reached" in str(fault)
        with pytest.raises(StoreUnavailable):
            await anext(store.feed())
        server.start()
        async with Listener.on(store) as listener:
            await store.create(sample_record(1))
            await listener.hears([sample_record(1).id])
        await store.close()


async def test_a_server_that_falls_silent_cuts_its_feed_and_nothing_else_is_heard_of_it(caplog):
    with running_redis() as server:
        store = RedisStore(server.url)
        feed = store.feed()
        assert await anext(feed) == ()
        os.kill(server.pid, signal.SIGSTOP)
        fault, after = await cut_of(feed)
        os.kill(server.pid, signal.SIGCONT)
        assert "does not answer in time" in str(fault)
        assert after + 0.1 >= SILENCE
        del feed, fault
        gc.collect()
        assert not caplog.records, "asyncio tells of a fault that nobody took"
        await store.close()


async def test_a_connection_that_an_operator_closes_cuts_the_feed():
    with running_redis() as server:
        store = RedisStore(server.url)
        feed = store.feed()
        assert await anext(feed) == ()
        server.command("CLIENT", "KILL", "TYPE", "pubsub")
        await cut_of(feed)
        await store.close()


async def test_one_server_of_a_cluster_that_falls_silent_cuts_the_feed(redis_cluster):
    store = RedisStore(redis_cluster.url)
    feed = store.feed()
    assert await anext(feed) == ()
    assert await anext(feed) == ()
    os.kill(redis_cluster.nodes[2].pid, signal.SIGSTOP)
    fault, _ = await cut_of(feed)
    os.kill(redis_cluster.nodes[2].pid, signal.SIGCONT)
    assert "does not answer in time" in str(fault)
    wait_until(redis_cluster.is_whole, "the Cluster is whole again")
    await store.close()


async def test_slots_that_move_cut_the_feed_and_the_new_owner_is_heard():
    with running_cluster() as cluster:
        store, record = RedisStore(cluster.url), sample_record(1)
        bystander, key = RedisStore(cluster.url), store._keys.session(record.id)
        known = await bystander._link.places([key])
        feed = store.feed()
        assert await anext(feed) == ()
        slot = cluster.slot(key)
        owner, heir, third = cluster.from_owner(slot)
        for node in (heir, owner, third):
            node.command("CLUSTER", "SETSLOT", slot, "NODE", heir.command("CLUSTER", "MYID"))
        assert await bystander._link.places([key]) == known, "nothing has told it"
        assert [place.port for place in await bystander._link.places([key], anew=True)] == [heir.port]
        await bystander.close()
        await store.create(record)  # from the answer MOVED the client learns of it
        fault, _ = await cut_of(feed)
        assert "has moved slots" in str(fault)
        async with Listener.on(store) as listener:
            await store.touch([])
            await store.create(sample_record(2))
            await listener.hears([sample_record(2).id])
        await store.close()


async def test_a_cluster_tells_every_change_once(redis_cluster):
    redis_cluster.empty()
    store = RedisStore(redis_cluster.url)
    async with Listener.on(store) as listener:
        ids = [sample_record(seed).id for seed in range(30)]
        for seed in range(30):
            await store.create(sample_record(seed))
        await listener.hears(ids)
        before = listener.beats
        await listener.until(lambda: listener.beats >= before + 2)
        assert sorted(listener.heard) == sorted(ids)
    await store.close()
