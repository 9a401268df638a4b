"""ASGI: requests as a server would hand them over, a prepared scope, no client and no network."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter_ns
from typing import Any

from benchmarks.hosts.request import HEADERS, Response


class AsgiHost:
    """An application and its event loop.

    Args:
        app: The application.
        runner: Where it runs: its own, so that its timers cost nobody else.
        before: Awaited before each run of requests, by an app that heard nothing while its loop stood still.
    """

    def __init__(
        self, app: Any, runner: asyncio.Runner, before: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self.app = app
        self._runner = runner
        self._before = before

    def ask(self, path: str, cookie: bytes | None = None) -> Response:
        """Make one request and keep the answer."""
        return self._runner.run(ask(self.app, path, cookie))

    def repeat(self, path: str, cookie: bytes | None, requests: int) -> float:
        """Make the same request so many times; return the seconds that they took."""
        return self._runner.run(self._repeat(scope_of(path, cookie), requests))

    async def _repeat(self, scope: dict[str, Any], requests: int) -> float:
        if self._before:
            await self._before()
        begin = perf_counter_ns()
        for _ in range(requests):
            await self.app(scope.copy(), receive, discard)
        return (perf_counter_ns() - begin) / 1e9


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
    """Make one request and keep the answer."""
    messages: list[Any] = []

    async def keep(message: Any) -> None:
        messages.append(message)

    await app(scope_of(path, cookie), receive, keep)
    start, *bodies = messages
    body = b"".join(message.get("body", b"") for message in bodies)
    return Response(start["status"], list(start["headers"]), body.decode())
