"""The verbs of the skill `Rows`: small values, each in a bucket that the hash of its key chooses."""

import struct

from coatcheck.core.errors import CorruptRecord
from coatcheck.core.store import Row
from coatcheck.stores.redis import scripts
from coatcheck.stores.redis.keys import Keys, row_bucket
from coatcheck.stores.redis.link import Link
from coatcheck.stores.redis.scripts import Call

_VERSION = struct.Struct("<d")


class SmallRows:
    """Values with a version in front.

    Args:
        link: Reaches the servers.
        keys: Names of keys.
        retention: Seconds after which Redis itself drops what is over.
    """

    def __init__(self, link: Link, keys: Keys, retention: float) -> None:
        self._link = link
        self._keys = keys
        self._retention = retention

    async def get(self, key: str) -> Row | None:
        """Return the value under `key`, or None."""
        value = await self._link.command("GET", self._keys.row(key))
        return None if value is None else from_value(key, value)

    async def put(self, key: str, row: Row, expires_at: float) -> bool:
        """Store a value if the version under `key` is still `row.version` (0: absent)."""
        bucket = row_bucket(key)
        keys = (self._keys.row(key), self._keys.index(bucket), self._keys.versions(bucket))
        args = (key, row.value, row.version, expires_at, self._retention)
        return bool(await self._link.run(Call(scripts.PUT_ROW, keys, args)))

    async def delete(self, key: str) -> None:
        """Remove the value; an absent key is fine."""
        keys = (*self._keys.indexes(row_bucket(key)), self._keys.row(key))
        await self._link.run(Call(scripts.REMOVE, keys, ("", key)))


def from_value(key: str, value: bytes) -> Row:
    """Build the row.

    Raises:
        CorruptRecord: It is cut short.
    """
    if len(value) < _VERSION.size:
        raise CorruptRecord(f"the row {key} cannot be read", remedy="Delete its key in Redis")
    return Row(value[_VERSION.size :], int(_VERSION.unpack_from(value)[0]))
