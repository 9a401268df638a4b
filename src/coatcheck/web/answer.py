"""An answer of our own, as a value, and how it goes out over ASGI."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = b"application/json"
_BARE = (204, 304)  # statuses without a body (RFC 9110 6.4.1)


class Answer(msgspec.Struct, frozen=True):
    """A complete response.

    Attributes:
        status: HTTP status.
        headers: Besides `content-length`.
        body: Complete.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    def with_headers(self, *headers: tuple[bytes, bytes]) -> "Answer":
        """Return the same answer with more headers."""
        return Answer(self.status, (*self.headers, *headers), self.body)


def json_answer(status: int, content: object) -> Answer:
    """Return content as JSON."""
    return Answer(status, ((b"content-type", JSON),), msgspec.json.encode(content))


def redirect(location: str) -> Answer:
    """Send the browser to a path of ours with GET; `location` is quoted already."""
    return Answer(303, ((b"location", location.encode("ascii")),))


async def send_answer(send: Send, answer: Answer, protocol: str = "http") -> None:
    """Send a complete response; `protocol` is `websocket` where a handshake is answered."""
    length = () if answer.status in _BARE else ((b"content-length", b"%d" % len(answer.body)),)
    await send(
        {
            "type": f"{protocol}.response.start",
            "status": answer.status,
            "headers": [*answer.headers, *length],
        }
    )
    await send({"type": f"{protocol}.response.body", "body": answer.body})
