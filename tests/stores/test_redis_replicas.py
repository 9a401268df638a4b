"""A primary and its replica: what waits for it, what a failover keeps, and how Sentinel names the next."""

import asyncio
from contextlib import ExitStack

import pytest

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.record import Tombstone
from coatcheck.core.store import Ending
from coatcheck.stores import open_store
from coatcheck.stores.redis import RedisStore, link, scripts
from coatcheck.testing.contract import NOW, sample_record
from coatcheck.testing.contract.feeding import Listener
from tests.servers.redis import follow, running_cluster, running_pair, running_redis, running_sentinel
from tests.stores.waiting import PATIENCE, until_it_works


@pytest.fixture
def pair(redis_pair):
    redis_pair[0].empty()
    return redis_pair


async def test_an_end_is_acknowledged_once_the_replica_has_it(pair):
    primary, replica = pair
    store, other = RedisStore(f"{primary.url}?replicas=1"), RedisStore(replica.url)
    records = [sample_record(seed, "u-1") for seed in range(20)]
    for record in records:
        await store.create(record)
        assert await store.end([Ending(record.id, Reason.REVOKED, NOW)]) == 1
        assert isinstance(await other.load(record.id), Tombstone)
    assert await store.bump("u-1") == await other.user("u-1")
    # One that had ended before is waited for all the same: an acknowledgement means that the replica has it.
    assert await store.end([Ending(record.id, Reason.LOGGED_OUT, NOW) for record in records]) == 0
    await store.close()
    await other.close()


async def test_without_the_replica_an_end_is_done_and_not_acknowledged(redis_8, monkeypatch):
    monkeypatch.setattr(link, "REPLICA_SECONDS", 0.1)
    redis_8.empty()
    store, record = RedisStore(f"{redis_8.url}?replicas=1"), sample_record(1)
    await store.create(record)
    with pytest.raises(StoreUnavailable, match="has not 1 replicas that keep up"):
        await store.end([Ending(record.id, Reason.REVOKED, NOW)])
    assert isinstance(await store.load(record.id), Tombstone)
    await store.close()


async def test_on_a_cluster_every_server_that_wrote_is_waited_for(redis_cluster, monkeypatch):
    monkeypatch.setattr(link, "REPLICA_SECONDS", 0.1)
    redis_cluster.empty()
    store = RedisStore(f"{redis_cluster.url}?replicas=1")
    records = [sample_record(seed) for seed in range(12)]
    for record in records:
        await store.create(record)
    with pytest.raises(StoreUnavailable, match="has not 1 replicas"):
        await store.end([Ending(record.id, Reason.REVOKED, NOW) for record in records])
    assert all([isinstance(await store.load(record.id), Tombstone) for record in records])
    await store.close()


async def test_an_end_whose_slot_has_moved_is_waited_for_where_it_is_now(monkeypatch):
    monkeypatch.setattr(link, "REPLICA_SECONDS", 0.5)
    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster())
        replica = stack.enter_context(running_redis(cluster_enabled="yes"))
        store, record = RedisStore(f"{cluster.url}?replicas=1"), sample_record(1)
        assert await store.load(record.id) is None  # from now on the client knows the slots
        slot = cluster.slot(store._keys.session(record.id))
        owner, heir, third = cluster.from_owner(slot)
        follow(replica, owner)
        for node in (heir, owner, third):
            node.command("SCRIPT", "LOAD", scripts.END.text)  # or NOSCRIPT would send it all once more
            node.command("CLUSTER", "SETSLOT", slot, "NODE", heir.command("CLUSTER", "MYID"))
        ending = Ending(record.id, Reason.REVOKED, NOW)
        with pytest.raises(StoreUnavailable, match="has not 1 replicas that keep up"):
            await store.end([ending])
        follow(replica, heir)
        assert await store.end([ending]) == 0
        heir.command("CLUSTER", "SETSLOT", slot, "MIGRATING", owner.command("CLUSTER", "MYID").decode())
        other = sample_record(2)
        while cluster.slot(store._keys.session(other.id)) != slot:
            other = sample_record(other.id)
        with pytest.raises(StoreUnavailable, match="is moving this part to another server"):
            await store.end([Ending(other.id, Reason.REVOKED, NOW)])
        ending = asyncio.create_task(store.end([Ending(other.id, Reason.REVOKED, NOW)]))
        await asyncio.sleep(link.PAUSES[1])
        heir.command("CLUSTER", "SETSLOT", slot, "STABLE")
        assert await ending == 0
        assert isinstance(await store.load(other.id), Tombstone)
        await store.close()


async def test_after_a_failover_sentinel_names_the_replica_and_nothing_revives():
    with running_pair() as (primary, replica), running_sentinel(primary) as sentinel:
        store = open_store(f"{sentinel.url}?replicas=1")
        kept, ended = sample_record(1, "u-1"), sample_record(2, "u-1")
        for record in (kept, ended):
            await store.create(record)
        await store.end([Ending(ended.id, Reason.REVOKED, NOW)])
        feed = store.feed()
        assert await anext(feed) == ()
        primary.kill9()
        with pytest.raises(StoreUnavailable):
            await asyncio.wait_for(exhaust(feed), PATIENCE)
        await until_it_works(store, kept.id)
        assert await store.load(kept.id) == kept
        assert isinstance(await store.load(ended.id), Tombstone)
        assert replica.command("ROLE")[0] == b"master"
        lone = RedisStore(sentinel.url)  # the new primary has no replica to wait for
        await lone.create(sample_record(3))
        async with Listener.on(lone) as listener:
            await lone.end([Ending(kept.id, Reason.REVOKED, NOW)])
            await listener.hears([kept.id])
        await lone.close()
        await store.close()


async def exhaust(feed):
    async for _ in feed:
        pass
