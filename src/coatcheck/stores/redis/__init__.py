"""Records in Redis or Valkey, shared by any number of machines: one server, Sentinel or Cluster."""

from coatcheck.stores.redis.store import RedisStore

__all__ = ["RedisStore"]
