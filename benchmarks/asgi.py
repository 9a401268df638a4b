"""Requests as a server would hand them over: a prepared scope, no client and no network."""

from typing import Any, NamedTuple

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


class Response(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: str

    @property
    def cookie(self) -> bytes | None:
        """What a browser would send back."""
        given = self.headers.get(b"set-cookie")
        return given.split(b";")[0] if given else None


def scope_of(path: str, cookie: bytes | None = None) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": HEADERS if cookie is None else [*HEADERS, (b"cookie", cookie)],
        "client": ("192.0.2.7", 50123),
        "server": ("app.example.test", 443),
    }


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def discard(message: Any) -> None:
    """Send into the void: what happens to the answer afterwards is the server's business."""


async def ask(app: Any, path: str, cookie: bytes | None = None) -> Response:
    """Make one request and keep the answer: to sign in, and to check what is being measured."""
    messages: list[Any] = []

    async def keep(message: Any) -> None:
        messages.append(message)

    await app(scope_of(path, cookie), receive, keep)
    start, *bodies = messages
    body = b"".join(message.get("body", b"") for message in bodies)
    return Response(start["status"], dict(start["headers"]), body.decode())
