import pickle
import struct
from functools import partial

import msgspec
import pytest

from coatcheck.stores.redis import RedisStore, values
from coatcheck.testing.contract import Damage, Poison, StoreContract


def spoil(value: bytes, how: Damage, poison: Poison) -> bytes:
    """Return a value that was damaged by somebody who can write to the server."""
    header = list(values._HEADER.unpack_from(value))
    *others, fixed, index, data, grants = values._cut(value, values._HEADER.size, header[-8:])
    known = msgspec.msgpack.decode(fixed)
    match how:
        case Damage.TRUNCATED_DATA:
            data = b'{"cart":[1,'
        case Damage.TRUNCATED_DIGEST:
            return value[:60] + value[72:]
        case Damage.PICKLED_DATA:
            data = pickle.dumps(poison)
        case Damage.INVALID_TEXT:
            fixed = fixed.replace(b"Firefox", b"\xff\xfeirefo")
        case Damage.WRONG_TYPE:
            known[5] = "yesterday"
            fixed = msgspec.msgpack.encode(known)
        case Damage.WRONG_SHAPE:
            others[1] = msgspec.msgpack.encode({"name": 7})
        case Damage.MISSING_VALUE:
            header[3] = struct.unpack("<d", b"\xff" * 8)[0]
    parts = [*others, fixed, index, data, grants]
    return values._HEADER.pack(*header[:-8], *map(len, parts)) + b"".join(parts)


class RedisContract(StoreContract):
    def opener(self):
        return partial(RedisStore, self.url)

    async def make_store(self):
        return RedisStore(self.url)

    async def damage(self, store, id: str, how: Damage) -> bool:
        key = store._keys.session(id)
        spoilt = spoil(await store._link.command("GET", key), how, self.poison)
        await store._link.command("SET", key, spoilt)
        return True


class TestRedis8(RedisContract):
    @pytest.fixture(autouse=True)
    def on_a_server(self, redis_8) -> None:
        redis_8.empty()
        self.url = redis_8.url


class TestRedis6(RedisContract):
    races = 100  # Redis 8 runs the same scripts

    @pytest.fixture(autouse=True)
    def on_a_server(self, redis_6) -> None:
        redis_6.empty()
        self.url = redis_6.url


class TestRedisCluster(RedisContract):
    @pytest.fixture(autouse=True)
    def on_a_cluster(self, redis_cluster) -> None:
        redis_cluster.empty()
        self.url = redis_cluster.url
