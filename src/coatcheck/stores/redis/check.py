"""A look at the servers before anything is kept in them."""

import logging
from typing import Any

from redis.exceptions import RedisError

from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.stores.redis.address import Address
from coatcheck.stores.redis.clients import blocking_clients
from coatcheck.stores.redis.faults import fault_at_start

OLDEST = (6, 2)  # the first that can set a value and its time to live, as a moment, in one step

_log = logging.getLogger("coatcheck")


def check(address: Address) -> None:
    """Make sure that the servers can be used, and warn of what will cost sessions.

    Raises:
        ConfigurationError: They refuse the password, are too old, or are of another kind than the URL says.
        StoreUnavailable: They cannot be reached, or not be written.
    """
    try:
        for client in blocking_clients(address):
            _look(address, client.info())
    except (RedisError, OSError) as error:
        raise fault_at_start(error, address) from error


def _look(address: Address, info: dict[str, Any]) -> None:
    version = str(info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        raise ConfigurationError(
            f"Redis at {address} is version {version}", remedy="Use Redis 6.2 or newer, or Valkey"
        )
    is_clustered = bool(info["cluster_enabled"])
    if is_clustered != (address.kind == "cluster"):
        remedy = "Use redis+cluster:// for it" if is_clustered else "Use redis:// for it"
        raise ConfigurationError(
            f"Redis at {address} is {'one' if is_clustered else 'none'} of a Cluster", remedy=remedy
        )
    if info["role"] != "master" and not is_clustered:
        raise StoreUnavailable(
            f"Redis at {address} is a replica, which cannot be written", remedy="Name the primary"
        )
    policy = info["maxmemory_policy"]
    if info["maxmemory"] and policy != "noeviction":
        _log.warning(
            "Redis at %s evicts keys when its memory is full (maxmemory-policy %s): people are signed out, "
            "revoking a user's sessions can miss some, and a near-cache admits whom it remembers for up to a "
            "minute after. Set maxmemory-policy to noeviction, "
            "and keep caches elsewhere",
            address,
            policy,
        )
