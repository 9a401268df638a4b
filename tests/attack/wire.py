"""A client without manners: raw HTTP/1.1 over TLS, no cookie jar, any bytes in any order."""

import json
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from tests import leaks

COOKIE = "__Host-session"
NAVIGATION = [("Sec-Fetch-Mode", "navigate"), ("Accept", "text/html")]  # a browser that opens a page
TIMEOUT = 20.0

Headers = Sequence[tuple[str, str | bytes]]

HANDSHAKE: Headers = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)
"""What asks for a WebSocket (RFC 6455 4.1)."""


@dataclass(frozen=True)
class SetCookie:
    """One `set-cookie` field: its attributes by lower-case name."""

    name: str
    value: str
    attributes: dict[str, str]


@dataclass(frozen=True)
class Response:
    """What came back, nothing interpreted but the framing."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return every field of this lower-case name."""
        return [value for key, value in self.headers if key == name]

    def header(self, name: str) -> str | None:
        """Return the one field of this name, or None; two of them are an error of the server."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The code of a problem, None for anything else."""
        is_problem = (self.header("content-type") or "").startswith("application/problem+json")
        return self.json()["code"] if is_problem else None

    def cookies(self) -> dict[str, SetCookie]:
        """Return what is set, by name."""
        return {cookie.name: cookie for cookie in map(_parse_set_cookie, self.all("set-cookie"))}

    @property
    def token(self) -> str | None:
        """The session token handed out; empty if the cookie was deleted, None if it was left alone."""
        cookie = self.cookies().get(COOKIE)
        if cookie is None:
            return None
        leaks.ISSUED.add(cookie.value.encode())
        return cookie.value


class Connection:
    """One connection, so one worker process, until it is closed."""

    def __init__(self, port: int, context: ssl.SSLContext | None, source: str = "127.0.0.1") -> None:
        self._plain = socket.create_connection(("127.0.0.1", port), TIMEOUT, source_address=(source, 0))
        try:
            self._socket = (
                context.wrap_socket(self._plain, server_hostname="localhost") if context else self._plain
            )
        except BaseException:
            self._plain.close()
            raise
        self._buffer = b""
        self.port = port

    def request(self, method: str, path: str, headers: Headers = (), **content: Any) -> Response:
        """Send one request, as `start` does, and return the response."""
        self.start(method, path, headers, **content)
        return self.receive(method)

    def start(
        self,
        method: str,
        path: str,
        headers: Headers = (),
        *,
        token: str | None = None,
        json: Any = None,
        form: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        """Send one request: fields as they are, in this order, twice if they are named twice.

        Args:
            method: Any word.
            path: Any bytes that a request line takes.
            headers: `Host` is added if it is missing.
            token: Becomes a well-formed session cookie.
            json: Becomes the body.
            form: Becomes the body.
            body: The body as it is; its `Content-Length` is added.
        """
        fields = [*headers]
        if json is not None:
            body = _dump(json)
            fields.append(("Content-Type", "application/json"))
        if form is not None:
            body = urlencode(form).encode()
            fields.append(("Content-Type", "application/x-www-form-urlencoded"))
        if body or method in {"POST", "PUT", "PATCH"}:
            fields.append(("Content-Length", str(len(body))))
        if token is not None:
            fields.append(("Cookie", f"{COOKIE}={token}"))
        if not any(name.lower() == "host" for name, _ in fields):
            fields.insert(0, ("Host", f"localhost:{self.port}"))
        head = f"{method} {path} HTTP/1.1\r\n".encode()
        self.send(head + b"".join(_line(name, value) for name, value in fields) + b"\r\n" + body)

    def send(self, raw: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(raw)

    def receive(self, method: str = "GET") -> Response:
        """Read one response."""
        status_line, *lines = self._read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(status_line.split(" ")[1])
        pairs = (line.partition(":") for line in lines)
        response = Response(status, [(name.lower(), value.strip()) for name, _, value in pairs], b"")
        return Response(status, response.headers, self._read_body(method, response))

    def read_some(self) -> bytes:
        """Return what comes next, at most 64 KiB; empty once the server has closed."""
        if self._buffer:
            some, self._buffer = self._buffer, b""
            return some
        return self._socket.recv(65_536)

    def close(self) -> None:
        """Close without a farewell."""
        self._socket.close()
        self._plain.close()

    def _read_body(self, method: str, response: Response) -> bytes:
        if method == "HEAD" or response.status in (101, 204, 304):
            return b""
        if response.header("transfer-encoding") == "chunked":
            return b"".join(iter(self._read_chunk, b""))
        length = response.header("content-length")
        if length is not None:
            return self._read(int(length))
        return b"".join(iter(self.read_some, b""))

    def _read_chunk(self) -> bytes:
        chunk = self._read(int(self._read_until(b"\r\n"), 16))
        self._read(2)
        return chunk

    def _read_until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            self._fill()
        found, _, self._buffer = self._buffer.partition(end)
        return found

    def _read(self, length: int) -> bytes:
        while len(self._buffer) < length:
            self._fill()
        found, self._buffer = self._buffer[:length], self._buffer[length:]
        return found

    def _fill(self) -> None:
        more = self._socket.recv(65_536)
        if not more:
            raise ConnectionError("the server closed the connection")
        self._buffer += more

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def _line(name: str, value: str | bytes) -> bytes:
    return name.encode() + b": " + (value.encode() if isinstance(value, str) else value) + b"\r\n"


def _parse_set_cookie(field: str) -> SetCookie:
    pair, *attributes = field.split(";")
    name, _, value = pair.strip().partition("=")
    parted = (attribute.strip().partition("=") for attribute in attributes)
    return SetCookie(name, value, {key.lower(): said for key, _, said in parted})
