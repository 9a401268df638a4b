"""The clients of redis-py that go to an address."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import redis
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry as BlockingRetry
from redis.sentinel import Sentinel as BlockingSentinel

from coatcheck.stores.redis.address import Address

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0
CONNECTIONS = 32  # at once, from one event loop to one server; whoever comes then waits for a moment

# RESP2 is what Redis 6.2, 8 and Valkey speak alike, and costs no handshake. There is no time-out for each
# write and read: redis-py would run a task for each, and before Python 3.12 it could lose that a caller was
# cancelled. `Link` limits the whole exchange.
_SETTINGS = {
    "protocol": 2,
    "socket_connect_timeout": CONNECT_SECONDS,
    "socket_timeout": None,
    "socket_keepalive": True,
}

Client = Redis | RedisCluster


def connect(address: Address) -> Client:
    """Return a client for the running event loop; nothing is connected yet.

    It never repeats by itself what it has sent: the server may have done it and lost only the answer.
    """
    retry = Retry(NoBackoff(), 0)
    settings: dict[str, Any] = {**_SETTINGS, **address.access, **address.tls, "retry": retry}
    settings["max_connections"] = 2 * CONNECTIONS  # the waiting is done elsewhere
    match address.kind:
        case "cluster":
            nodes = [ClusterNode(host, port) for host, port in address.hosts]
            # Slots that moved are noted one by one: to read all of them anew, redis-py would close every
            # connection under the commands of others.
            return RedisCluster(startup_nodes=nodes, reinitialize_steps=0, **settings)
        case "sentinel":
            asked = {**_SETTINGS, **address.tls, "retry": retry}
            sentinel = Sentinel(list(address.hosts), sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
            client: Redis = sentinel.master_for(address.service, db=address.database, **settings)
            return client
    [(host, port)] = address.hosts
    return Redis(host=host, port=port, db=address.database, **settings)


async def close(client: Client) -> None:
    """Let go of the connections of a client, and of those to the Sentinels that it asked."""
    await client.aclose()
    if isinstance(client, Redis) and isinstance(client.connection_pool, SentinelConnectionPool):
        for sentinel in client.connection_pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def blocking_clients(address: Address) -> Iterator[redis.Redis]:
    """Yield a client for each server that the address names, or for the one that Sentinel names."""
    retry = BlockingRetry(NoBackoff(), 0)
    settings: dict[str, Any] = {**_SETTINGS, **address.tls, "retry": retry, "socket_timeout": ANSWER_SECONDS}
    make = partial(redis.Redis, db=address.database, **settings, **address.access)
    hosts = address.hosts
    if address.kind == "sentinel":
        sentinel = BlockingSentinel(list(hosts), sentinel_kwargs=settings)  # type: ignore[no-untyped-call]
        hosts = (sentinel.discover_master(address.service),)  # type: ignore[no-untyped-call]
    for host, port in hosts:
        with make(host=host, port=port) as client:
            yield client
