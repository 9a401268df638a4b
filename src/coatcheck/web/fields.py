"""The header fields of one request, as a plain dict that loses nothing."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

Headers = Sequence[tuple[bytes, bytes]]
Fields = Mapping[bytes, bytes]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}").fullmatch


def collect(headers: Headers) -> Fields:
    """Index ASGI headers by their lower-case name.

    Repeated fields are joined as RFC 9110 5.3 says, `cookie` with `; ` (RFC 9113 8.2.3). So a
    repeated field that may occur only once, such as `origin`, no longer reads as any valid value.
    """
    fields = dict(headers)
    if len(fields) != len(headers):
        lists: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            lists.setdefault(name, []).append(value)
        fields = {name: (b"; " if name == b"cookie" else b", ").join(lists[name]) for name in lists}
    return fields


def text(fields: Fields, name: bytes, default: str = "") -> str:
    """Return a field as text, byte for byte (RFC 9110 5.5)."""
    value = fields.get(name)
    return default if value is None else value.decode("latin-1")


def peer(scope: Mapping[str, Any]) -> str:
    """Return the address the server saw. `X-Forwarded-*` is the server's business, never read here."""
    client = scope.get("client")
    return client[0] if client else ""


def is_secure(scope: Mapping[str, Any]) -> bool:
    """Tell whether the request came over TLS, as far as the server knows."""
    return scope["scheme"] in ("https", "wss")


def request_id(fields: Fields) -> str:
    """Return `x-request-id` if it can do no harm in a log, else nothing (ASVS 16.4.1)."""
    value = fields.get(b"x-request-id", b"")
    return "" if _REQUEST_ID(value) is None else value.decode("ascii")


class Sender(msgspec.Struct, gc=False):
    """The client of a session, as the head of its request tells.

    Most requests end without anybody asking, so nothing is worked out before somebody does.

    Attributes:
        headers: The header fields as they came.
        address: Host and port that the server saw; None where it saw none.
    """

    headers: Headers
    address: Sequence[Any] | None = None
    _fields: Fields | None = None

    @property
    def fields(self) -> Fields:
        """The header fields by name."""
        fields = self._fields
        if fields is None:
            fields = self._fields = collect(self.headers)
        return fields

    @property
    def ip(self) -> str:
        """The peer's address."""
        return self.address[0] if self.address else ""

    @property
    def user_agent(self) -> str:
        """What it calls itself."""
        return text(self.fields, b"user-agent")

    @property
    def request_id(self) -> str:
        """The id of its request, if it can do no harm in a log."""
        return request_id(self.fields)

    def __repr__(self) -> str:
        return f"<Sender at {self.ip}>"  # the fields hold credentials
