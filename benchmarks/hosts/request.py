"""The request that is measured, and what is kept of an answer."""

import re
from typing import NamedTuple, Protocol

# What a browser sends when a person follows a link: the request that costs a session library most.
HEADERS = [
    (b"host", b"app.example.test"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"accept-language", b"en-GB,en;q=0.5"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"referer", b"https://app.example.test/"),
    (b"sec-fetch-dest", b"document"),
    (b"sec-fetch-mode", b"navigate"),
    (b"sec-fetch-site", b"same-origin"),
]


# Gone after some seconds: ours, that asks every worker to read the store after a change.
_FLEETING = re.compile(rb"max-age=\d(;|$)", re.IGNORECASE)


class Response(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: str

    @property
    def cookie(self) -> bytes | None:
        """What a browser would send back a moment later."""
        given = [value for name, value in self.headers if name == b"set-cookie"]
        kept = [value.split(b";")[0] for value in given if not _FLEETING.search(value)]
        return b"; ".join(kept) or None


class Host(Protocol):
    """An application where it can be asked."""

    def ask(self, path: str, cookie: bytes | None = None) -> Response:
        """Make one request and keep the answer: to sign in, and to check what is being measured."""
        ...

    def repeat(self, path: str, cookie: bytes | None, requests: int) -> float:
        """Make the same request so many times; return the seconds that they took."""
        ...
