"""Origins: who "we" are, and whom else we trust to send us requests."""

import re
from dataclasses import dataclass, field

from coatcheck.core.errors import ConfigurationError

DEFAULT_PORTS = {"http": 80, "https": 443}
_AS_HTTP = {"ws": "http", "wss": "https"}

_HOST = r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)(?::(?P<port>[0-9]{1,5}))?"
_ORIGIN = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://{_HOST}", re.ASCII | re.IGNORECASE).fullmatch

Origin = tuple[str, str, int]


def parse(text: str) -> Origin | None:
    """Read `scheme://host[:port]`; None for anything else, `null` included."""
    match = _ORIGIN(text)
    if match is None:
        return None
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] else DEFAULT_PORTS.get(scheme, 0)
    return scheme, match["host"].lower(), port


def of_request(scheme: str, host: str) -> Origin | None:
    """Return the origin a request was sent to, by its scheme and `host` field."""
    return parse(f"{_AS_HTTP.get(scheme, scheme)}://{host}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginPolicy:
    """Whose requests count as our own pages'.

    Attributes:
        public: The origin people see, `https://app.example`. Without it, the origin the request
            was sent to; behind a proxy that changes the host, configure it.
        trusted: Other origins that may send unsafe requests; exact, no patterns.
        bearers: Other origins whose pages come with tokens: they may read answers, and no cookie of theirs
            counts; exact, no patterns.
    """

    public: str | None = None
    trusted: frozenset[str] = frozenset()
    bearers: frozenset[str] = frozenset()
    _own: Origin | None = field(init=False, repr=False, compare=False)
    _friends: frozenset[Origin] = field(init=False, repr=False, compare=False)
    _bearers: frozenset[Origin] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        own = None if self.public is None else _require(self.public)
        object.__setattr__(self, "_own", own)
        object.__setattr__(self, "_friends", frozenset(map(_require, self.trusted)))
        object.__setattr__(self, "_bearers", frozenset(map(_require, self.bearers)))
        if not self._bearers.isdisjoint({own, *self._friends}):
            raise ConfigurationError(
                "an origin whose cookies count is among the bearers, whose cookies do not",
                remedy="Name each origin once: as public, as trusted, or as a bearer",
            )

    def lets_bear(self, origin: str) -> bool:
        """Tell whether an `origin` field names a page that may use this app with tokens."""
        return parse(origin) in self._bearers

    def trusts(self, origin: str) -> bool:
        """Tell whether an `origin` field names a trusted origin."""
        return parse(origin) in self._friends

    def accepts(self, origin: str, scheme: str, host: str) -> bool:
        """Tell whether an `origin` field names our own origin or a trusted one.

        Args:
            origin: The field.
            scheme: How the request came.
            host: Its `host` field.
        """
        sender = parse(origin)
        if sender is None:
            return False
        return sender == (self._own or of_request(scheme, host)) or sender in self._friends


def _require(text: str) -> Origin:
    origin = parse(text)
    if origin is None:
        raise ConfigurationError(
            f"{text!r} is not an origin", remedy="Write scheme://host[:port], without a path"
        )
    return origin
