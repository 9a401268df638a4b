"""What a server that cannot be used looks like: at the start, and while the store is at work."""

import asyncio
import logging
import os
import signal
import ssl
import time
from contextlib import asynccontextmanager, suppress

import pytest
import trustme
from redis.asyncio import ConnectionPool
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    MasterDownError,
    MaxConnectionsError,
    RedisClusterException,
    ResponseError,
)
from redis.exceptions import TimeoutError as TimedOut

from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.record import Tombstone
from coatcheck.core.store import Ending
from coatcheck.stores import open_store
from coatcheck.stores.redis import RedisStore, check, faults, link
from coatcheck.stores.redis.address import parse
from coatcheck.testing.contract import NOW, sample_record
from tests.servers.redis import PASSWORD, free_port, running_cluster, running_redis
from tests.stores.waiting import until_it_says, until_it_works

LOCKED = PASSWORD.replace(" ", "%20")


@pytest.fixture(scope="module")
def locked():
    """A server with a password, and a user who may do little."""
    with running_redis(requirepass=PASSWORD) as server:
        server.command("ACL", "SETUSER", "guest", "on", ">guest", "+info", "+client", "+ping")
        yield server


@pytest.fixture
async def store(redis_8):
    redis_8.empty()
    store = RedisStore(redis_8.url)
    yield store
    await store.close()


def one_line(error: Exception, *secrets: str) -> str:
    text = str(error)
    assert "\n" not in text
    assert not any(secret in text for secret in (PASSWORD, LOCKED, *secrets))
    return text


def test_a_right_password_opens(locked):
    assert isinstance(open_store(f"redis://:{LOCKED}@127.0.0.1:{locked.port}"), RedisStore)


@pytest.mark.parametrize(
    ("user_info", "complaint"),
    [
        ("", "asks for a password. Put it into the URL"),
        (":wrong-one@", "refuses the password. Put the right"),
        ("nobody:wrong-one@", "refuses the password. Put the right"),
    ],
)
def test_a_wrong_password_is_a_mistake_of_configuration(locked, user_info, complaint):
    with pytest.raises(ConfigurationError) as caught:
        open_store(f"redis://{user_info}127.0.0.1:{locked.port}")
    text = one_line(caught.value, "wrong-one")
    assert f"Redis at 127.0.0.1:{locked.port} {complaint}" in text


def test_a_password_where_none_is_asked_for_is_one_too(redis_8):
    with pytest.raises(ConfigurationError, match="refuses the password") as caught:
        open_store(f"redis://app:wrong-one@127.0.0.1:{redis_8.port}")
    one_line(caught.value, "wrong-one")


async def test_a_password_that_was_changed_makes_the_store_unavailable(locked):
    store = RedisStore(f"redis://:wrong-one@127.0.0.1:{locked.port}")
    with pytest.raises(StoreUnavailable, match="refuses the password") as caught:
        await store.load(sample_record(1).id)
    one_line(caught.value, "wrong-one")
    await store.close()


async def test_a_user_who_may_not_is_told_so(locked):
    store = open_store(f"redis://guest:guest@127.0.0.1:{locked.port}")
    with pytest.raises(StoreUnavailable, match=r"does not let this user do that\. Grant"):
        await store.load(sample_record(1).id)
    await store.close()


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster"])
def test_where_nothing_listens_the_place_is_named(scheme):
    port = free_port()
    with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{port} cannot be reached.*Check that it runs"):
        open_store(f"{scheme}://127.0.0.1:{port}")


def test_where_no_sentinel_listens_it_is_named():
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        open_store(f"redis+sentinel://127.0.0.1:{free_port()}/main")


def test_a_server_without_a_cluster_is_no_cluster(redis_8):
    with pytest.raises(ConfigurationError, match=r"is none of a Cluster\. Use redis://"):
        open_store(f"redis+cluster://127.0.0.1:{redis_8.port}")


async def test_one_of_a_cluster_is_no_server_by_itself(redis_cluster):
    url = redis_cluster.url.replace("+cluster", "")
    with pytest.raises(ConfigurationError, match=r"is one of a Cluster. Use redis\+cluster://"):
        open_store(url)
    store = RedisStore(url)
    found = [await outcome(store.load(sample_record(seed).id)) for seed in range(20)]
    assert "is one of a Cluster. Use redis+cluster://" in str(next(filter(None, found)))
    await store.close()


async def test_a_replica_is_not_written(redis_pair):
    _, replica = redis_pair
    refusal = "is a replica, which cannot be written. Name the primary"
    await until_it_says(refusal, lambda: asyncio.to_thread(open_store, replica.url))
    store = RedisStore(replica.url)
    for _ in range(2):
        await until_it_says(refusal, lambda: store.create(sample_record("nobody's")))
    await store.close()


async def test_connections_to_a_replica_that_close_badly_hide_the_fault_from_nobody(redis_pair, monkeypatch):
    async def disconnect(self, inuse_connections=True):
        raise TimedOut("Timed out closing connection")

    _, replica = redis_pair
    store = RedisStore(replica.url)
    with monkeypatch.context() as patched:
        patched.setattr(ConnectionPool, "disconnect", disconnect)
        await until_it_says("is a replica", lambda: store.create(sample_record("nobody's")))
    await store.close()


@pytest.mark.parametrize(
    ("info", "complaint"),
    [
        ({"redis_version": "6.0.16"}, "is version 6.0.16. Use Redis 6.2 or newer"),
        ({"redis_version": "5.0"}, "is version 5.0"),
    ],
)
def test_an_old_server_is_refused(info, complaint):
    with pytest.raises(ConfigurationError, match=complaint):
        check._look(parse("redis://old.test"), info)


@pytest.mark.parametrize(
    ("maxmemory", "policy", "warns"),
    [
        ("100mb", "allkeys-lru", True),
        ("100mb", "volatile-ttl", True),
        ("100mb", "noeviction", False),
        ("0", "allkeys-lru", False),
    ],
)
def test_a_server_that_evicts_keys_is_warned_of_once(
    redis_8,
    caplog,
    maxmemory,
    policy,
    warns,
):
    redis_8.command("CONFIG", "SET", "maxmemory", maxmemory, "maxmemory-policy", policy)
    try:
        with caplog.at_level(logging.WARNING, "coatcheck"):
            open_store(redis_8.url)
    finally:
        redis_8.command("CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction")
    assert len(caplog.records) == warns
    if warns:
        assert f"maxmemory-policy {policy}" in caplog.text
        assert "a near-cache admits whom it remembers for up to a minute" in caplog.text
        assert "Set maxmemory-policy to noeviction" in caplog.text


async def test_a_server_that_cannot_save_takes_no_writes_but_is_read():
    with running_redis(save="3600 1", dbfilename="taken") as server:
        store, record = RedisStore(server.url), sample_record(1)
        await store.create(record)
        (server.folder / "taken" / "by a folder").mkdir(parents=True)
        server.command("BGSAVE")
        deadline = time.monotonic() + 10
        while server.command("INFO", "persistence")["rdb_last_bgsave_status"] == "ok":
            assert time.monotonic() < deadline
        with pytest.raises(StoreUnavailable, match="cannot save to its disk, so it takes no writes"):
            await store.create(sample_record(2))
        assert await store.load(record.id) == record
        await store.close()


async def test_a_server_that_was_restarted_is_used_again_without_being_told():
    with running_redis() as server:
        store = RedisStore(server.url)
        await store.create(sample_record(1))
        server.stop()
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            await store.load(sample_record(1).id)
        server.start()
        assert await until_it_works(store, sample_record(1).id) is None
        await store.close()


async def test_while_it_is_down_nobody_waits_and_few_knock(monkeypatch):
    knocks = []
    store = RedisStore(f"redis://127.0.0.1:{free_port()}")
    real = link.fault
    monkeypatch.setattr(link, "fault", lambda *args: knocks.append(args) or real(*args))
    for _ in range(50):
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            await store.load(sample_record(1).id)
    assert len(knocks) < 20  # two for each try, and within these milliseconds there is time for a few
    await store.close()


async def test_a_server_that_does_not_answer_is_given_up(store, redis_8, monkeypatch):
    monkeypatch.setattr(link, "ANSWER_SECONDS", 0.2)
    await store.create(sample_record(1))
    os.kill(redis_8.pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreUnavailable, match="does not answer in time"):
            await store.load(sample_record(1).id)
    finally:
        os.kill(redis_8.pid, signal.SIGCONT)
    assert await until_it_works(store, sample_record(1).id) == sample_record(1)


async def test_a_closed_store_says_so(redis_8):
    store = RedisStore(redis_8.url)
    await store.close()
    with pytest.raises(StoreUnavailable, match="the store is closed"):
        await store.load(sample_record(1).id)
    await store.close()


async def test_of_a_cluster_only_the_missing_part_is_missed():
    with running_cluster(cluster_require_full_coverage="no") as cluster:
        store = RedisStore(cluster.url)
        records = [sample_record(seed) for seed in range(30)]
        for record in records:
            await store.create(record)
        cluster.nodes[1].kill9()
        found = [await outcome(store.load(record.id)) for record in records * 2]
        assert {str(error).split(":")[0] for error in found if isinstance(error, Exception)}
        alive = [record for record, row in zip(records * 2, found, strict=True) if row == record]
        assert len(alive) >= 20
        cluster.nodes[1].start()
        await store.close()


async def test_a_cluster_that_is_down_says_so_and_comes_back():
    with running_cluster() as cluster:
        store = RedisStore(cluster.url)
        await store.create(sample_record(1))
        slot = cluster.slot(store._keys.session(sample_record(1).id))
        owner, *_ = cluster.from_owner(slot)
        owner.command("CLUSTER", "DELSLOTS", slot)
        await until_it_says("is a Cluster with parts missing", lambda: store.load(sample_record(1).id))
        owner.command("CLUSTER", "ADDSLOTS", slot)
        await until_it_works(store, sample_record(1).id)
        await store.end([Ending(sample_record(1).id, Reason.REVOKED, NOW)])
        assert isinstance(await store.load(sample_record(1).id), Tombstone)
        await store.close()


async def outcome(work):
    try:
        return await work
    except StoreUnavailable as error:
        return error


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (BusyLoadingError("Redis is loading the dataset in memory", status_code="LOADING"), "still reading"),
        (
            ResponseError("ERR Error running script: @user_script: 9: -OOM command not allowed"),
            "no memory left",
        ),
        (ResponseError("NOREPLICAS Not enough good replicas to write."), "too few replicas"),
        (ResponseError("BUSY Redis is busy running a script."), "busy with somebody's script"),
        (MasterDownError("Link with MASTER is down", status_code="MASTERDOWN"), "lost its primary"),
        (AuthenticationError("invalid username-password pair"), "refuses the password"),
        (MaxConnectionsError("Too many connections"), "asked too much at once"),
        (RedisClusterException("Redis Cluster cannot be connected."), "cannot be reached: Redis Cluster"),
        (ConnectionResetError(), "cannot be reached: ConnectionResetError"),
        (TimeoutError(), "does not answer in time"),
        (
            ResponseError("WRONGTYPE Operation against a key."),
            "reports a fault: WRONGTYPE Operation against a key",
        ),
    ],
)
def test_every_fault_has_a_meaning_and_a_remedy(error, meaning):
    told = faults.fault(error, parse("redis://:secret@redis.test"))
    text = one_line(told, "secret")
    assert text.startswith("Redis at redis.test:6379 ")
    assert meaning in text
    assert ".." not in text
    assert told.remedy in text


async def test_over_tls_the_server_must_be_the_one_that_is_named(redis_8, tmp_path):
    redis_8.empty()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with in_front_of(redis_8, authority.issue_cert("127.0.0.1")) as port:
        url = f"rediss://127.0.0.1:{port}"
        store = await asyncio.to_thread(open_store, f"{url}?ssl_ca_certs={tmp_path}/ca.pem")
        await store.create(sample_record(1))
        assert await store.load(sample_record(1).id) == sample_record(1)
        await store.close()
        with pytest.raises(StoreUnavailable, match="certificate verify failed"):
            await asyncio.to_thread(open_store, url)


@asynccontextmanager
async def in_front_of(server, certificate):
    """Speak TLS for a server that cannot; yield the port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)

    async def copy(reader, writer):
        with suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
        writer.close()

    async def relay(reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))

    listener = await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context)
    async with listener:
        yield listener.sockets[0].getsockname()[1]
