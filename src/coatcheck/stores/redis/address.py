"""What a URL of Redis says. No message repeats it, for it may hold a password."""

from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from coatcheck.core.errors import ConfigurationError

_PORT, _SENTINEL_PORT = 6379, 26379
_TLS = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})  # as redis-py calls these files
_OWN = frozenset({"prefix", "replicas"})
PREFIX = "coatcheck"
_EXAMPLE = (
    "Write redis://user:password@host:6379/0, rediss:// for TLS, redis+cluster://host:6379 or "
    "redis+sentinel://host:26379,host:26379/service"
)

Kind = Literal["one", "cluster", "sentinel"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the servers are, and how to get in.

    Attributes:
        kind: `one` server, a `cluster`, or the primary of what a `sentinel` watches.
        hosts: Host and port of each server that the URL names.
        service: What Sentinel calls it.
        database: Number of the database; a Cluster has but one.
        access: User name and password, as redis-py calls them.
        tls: Whether to use TLS and with which files, as redis-py calls them.
        prefix: What the names of keys begin with: one for each application that shares the servers.
        replicas: How many replicas must have the end of a session before it is acknowledged.
    """

    kind: Kind
    hosts: tuple[tuple[str, int], ...]
    service: str = ""
    database: int = 0
    access: dict[str, Any] = field(default_factory=dict, repr=False)
    tls: dict[str, Any] = field(default_factory=dict)
    prefix: str = PREFIX
    replicas: int = 0

    def __str__(self) -> str:
        return ",".join(f"{host}:{port}" for host, port in self.hosts)


def parse(url: str) -> Address:
    """Understand a URL.

    Raises:
        ConfigurationError: It names no server.
    """
    scheme, _, rest = url.partition("://")
    security, _, suffix = scheme.partition("+")
    location, _, query = rest.partition("?")
    authority, _, path = location.partition("/")
    user_info, _, hosts = authority.rpartition("@")
    kind = _kind(suffix)
    service, database = path.partition("/")[::2] if kind == "sentinel" else ("", path)
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := options.keys() - _TLS - _OWN:
        raise _wrong(f"has options that mean nothing here: {', '.join(sorted(unknown))}")
    files = {name: options[name] for name in _TLS & options.keys()}
    address = Address(
        kind,
        tuple(_host(text, _SENTINEL_PORT if kind == "sentinel" else _PORT) for text in hosts.split(",")),
        service,
        _database(database),
        _access(user_info),
        {"ssl": True, **files} if security == "rediss" else {},
        _prefix(options.get("prefix", PREFIX)),
        _replicas(options.get("replicas", "0")),
    )
    _require_sense(address)
    return address


def _kind(suffix: str) -> Kind:
    match suffix:
        case "":
            return "one"
        case "cluster" | "sentinel":
            return suffix
    raise _wrong(f"begins with a scheme that ends in +{suffix}")


def _host(text: str, default: int) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    try:
        port = parts.port or default
    except ValueError:
        raise _wrong("names a port that is no number") from None
    if not parts.hostname:
        raise _wrong("names no host")
    return parts.hostname, port


def _database(path: str) -> int:
    if path and not path.isdecimal():
        raise _wrong("names a database that is no number")
    return int(path or 0)


def _prefix(text: str) -> str:
    if not text or "{" in text:
        raise _wrong("gives a prefix that is empty or has a brace in it")
    return text


def _replicas(text: str) -> int:
    if not text.isdecimal():
        raise _wrong("gives a number of replicas that is no number")
    return int(text)


def _access(user_info: str) -> dict[str, Any]:
    user, _, password = user_info.partition(":")
    named = {"username": unquote(user), "password": unquote(password)}
    return {name: value for name, value in named.items() if value}


def _require_sense(address: Address) -> None:
    if address.kind == "one" and len(address.hosts) > 1:
        raise _wrong("names several servers, which are neither a Cluster nor Sentinels")
    if address.kind == "cluster" and address.database:
        raise _wrong("names a database, and a Cluster has only number 0")
    if address.kind == "sentinel" and not address.service:
        raise _wrong("names no service for Sentinel to look up")


def _wrong(complaint: str) -> ConfigurationError:
    return ConfigurationError(f"the URL of Redis {complaint}", remedy=_EXAMPLE)
