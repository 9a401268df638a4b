"""What the faults of Redis mean in words."""

import re

from redis.exceptions import (
    AskError,
    AuthenticationError,
    MaxConnectionsError,
    RedisClusterException,
    TryAgainError,
)
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import TimeoutError as TimedOut

from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.stores.redis.address import Address

_REPEAT = "the request can be repeated"
# What Redis calls a fault, what it means, and what to do.
_FAULTS = {
    "NOAUTH": (
        "asks for a password",
        "Put it into the URL: redis://:password@host or redis://user:password@host",
    ),
    "WRONGPASS": ("refuses the password", "Put the right user name and password into the URL"),
    "NOPERM": (
        "does not let this user do that",
        "Grant the user the commands, keys and channels in the documentation",
    ),
    "MOVED": ("is one of a Cluster", "Use redis+cluster:// for it"),
    "MISCONF": (
        "cannot save to its disk, so it takes no writes",
        "Look into its log, and give the disk space",
    ),
    "READONLY": ("is a replica, which cannot be written", f"Name the primary; after a failover {_REPEAT}"),
    "OOM": ("has no memory left", "Raise its maxmemory, or sweep sooner what has ended"),
    "LOADING": ("is still reading its data from the disk", f"Wait for it; {_REPEAT}"),
    "CLUSTERDOWN": ("is a Cluster with parts missing", f"Bring its nodes back; {_REPEAT}"),
    "MASTERDOWN": ("has lost its primary", f"Bring it back, or promote a replica; {_REPEAT}"),
    "NOREPLICAS": ("has too few replicas to accept writes", f"Bring its replicas back; {_REPEAT}"),
    "BUSY": ("is busy with somebody's script", f"Look for it with SLOWLOG; {_REPEAT}"),
}
_CONFIGURED = frozenset({"NOAUTH", "WRONGPASS", "NOPERM", "MOVED"})
# redis-py takes the name off a reply and keeps it beside; inside a script's error it stands in the middle.
_NAME = re.compile(rf"\b({'|'.join(_FAULTS)})\b")


def fault(error: Exception, address: Address) -> StoreUnavailable:
    """Say what an error of Redis means, and what to do about it."""
    meaning, remedy = _explain(error)
    return StoreUnavailable(f"Redis at {address} {meaning}", remedy=remedy)


def fault_at_start(error: Exception, address: Address) -> ConfigurationError | StoreUnavailable:
    """Say the same to whoever just wrote the URL, and can put it right."""
    found = fault(error, address)
    if address.tls and is_unreachable(error):
        found.remedy += ", and write redis:// if it speaks no TLS"
    if _name(error) in _CONFIGURED or isinstance(error, AuthenticationError):
        return ConfigurationError(found.args[0], remedy=found.remedy)
    return found


def is_unreachable(error: Exception) -> bool:
    """Tell whether it is of use to leave the servers alone for a moment."""
    return isinstance(error, Disconnected | TimedOut | RedisClusterException | OSError)


def is_demoted(error: Exception) -> bool:
    """Tell whether the server is a primary no more."""
    return _name(error) == "READONLY"


def _name(error: Exception) -> str | None:
    found = _NAME.search(f"{getattr(error, 'status_code', '')} {error}")
    return found.group() if found else None


def _explain(error: Exception) -> tuple[str, str]:
    if name := _name(error):
        return _FAULTS[name]
    match error:
        case AuthenticationError():
            return _FAULTS["WRONGPASS"]
        case AskError() | TryAgainError():
            return ("is moving this part to another server", f"Wait until it is there; {_REPEAT}")
        case MaxConnectionsError():
            return ("is asked too much at once", f"Start more workers; {_REPEAT}")
        case TimedOut() | TimeoutError():
            return ("does not answer in time", f"Look for slow commands and a slow network; {_REPEAT}")
        case Disconnected() | RedisClusterException() | OSError():
            return (f"cannot be reached: {_said(error)}", f"Check that it runs and is reachable; {_REPEAT}")
    return (f"reports a fault: {_said(error)}", "Look into its log")


def _said(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
