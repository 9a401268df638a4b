"""A door before the demo that counts who comes through: what reaches the server, whatever a page believes."""

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.browser.running import Demo

REQUEST_LINE = re.compile(rb"(?:^|\n|\})([A-Z]+) (/[^ ]*) HTTP/1\.1\r\n")
CHUNK = 65_536
PATIENCE = 5.0  # seconds
GLANCE = 0.02  # seconds


@dataclass
class Door:
    """An open door.

    Attributes:
        port: Of the server behind it.
        url: Where browsers come to.
        came: Each request: when (seconds, monotonic), method and path without query.
    """

    port: int
    url: str = ""
    came: list[tuple[float, str, str]] = field(default_factory=list)
    _shut: bool = False
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _left: asyncio.Event = field(init=False)

    def count(self, *paths: str, since: float = 0.0) -> int:
        """Return how many requests came for these paths; for all paths without any."""
        return sum(at >= since and (not paths or path in paths) for at, _, path in self.came)

    def wait_for(self, path: str, *, since: float = 0.0, timeout: float = PATIENCE) -> None:
        """Wait until a request for `path` has come; `timeout` in seconds."""
        until = time.monotonic() + timeout
        while not self.count(path, since=since):
            assert time.monotonic() < until, f"nobody asked for {path}: {self.log(since)}"
            time.sleep(GLANCE)

    def log(self, since: float = 0.0) -> list[str]:
        """Return what came, to show in a failed test."""
        return [f"{at - since:.2f} {method} {path}" for at, method, path in self.came if at >= since]

    def reopen(self) -> None:
        """Let everybody in again."""
        self._shut = False

    def shut(self) -> None:
        """Cut every connection and refuse new ones, as a server does that is restarted."""
        self._shut = True
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def stand(self, ready: threading.Event) -> None:
        """Let requests through until `leave`, then see everybody out."""
        self._loop, self._left = asyncio.get_running_loop(), asyncio.Event()
        async with asyncio.TaskGroup() as visits:

            def knock(*ends: Any) -> None:
                visits.create_task(self._let_in(*ends))

            server = await asyncio.start_server(knock, "127.0.0.1", 0)
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            ready.set()
            await self._left.wait()
            server.close()
            self._shut = True
            self._cut()

    def leave(self) -> None:
        """Stop standing there."""
        self._loop.call_soon_threadsafe(self._left.set)

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            behind, to_server = await asyncio.open_connection("127.0.0.1", self.port)
            self._open |= {writer, to_server}
            if self._shut:  # meanwhile
                self._cut()
            await asyncio.gather(self._pass_on(reader, to_server, self._note), self._pass_on(behind, writer))
            self._open -= {writer, to_server}

    async def _pass_on(self, reader, writer, look=lambda _: None) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                look(chunk)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    def _note(self, chunk: bytes) -> None:
        for method, path in REQUEST_LINE.findall(chunk):
            self.came.append((time.monotonic(), method.decode(), path.decode().partition("?")[0]))


@contextlib.contextmanager
def counting(demo: Demo) -> Iterator[Door]:
    """Stand before the demo, in a thread of its own."""
    door, ready = Door(demo.port), threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(door.stand(ready),))
    thread.start()
    assert ready.wait(PATIENCE), "the door does not open"
    try:
        yield door
    finally:
        door.leave()
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the door does not close"
