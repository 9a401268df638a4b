"""A client of streams: reads events as they come, and goes when it likes."""

import asyncio
import json
from contextlib import asynccontextmanager

from tests.web.support import HOST

SOON = 5.0  # seconds: much longer than anything takes, for a machine that is busy


class Stream:
    """One open `GET /auth/events`."""

    def __init__(self):
        self.status, self.headers, self.parts = 0, {}, asyncio.Queue()
        self.leave = asyncio.Event()
        self.task = None

    async def receive(self):
        await self.leave.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            for part in message["body"].decode().split("\n\n")[:-1]:
                self.parts.put_nowait(part)

    async def raw(self):
        """Return the next part as it came."""
        return await asyncio.wait_for(self.parts.get(), SOON)

    async def event(self):
        """Return the next event: its name and content."""
        while (part := await self.raw()).startswith((":", "retry:")):
            pass
        name, data = part.split("\n")
        return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))

    async def done(self):
        """Wait until the server has ended the stream."""
        await asyncio.wait_for(asyncio.shield(self.task), SOON)

    @property
    def is_open(self):
        return not self.task.done()


@asynccontextmanager
async def streaming(app, headers, *, path="/auth/events", method="GET"):
    """Open a stream; the client leaves at the end."""
    stream = Stream()
    pairs = {"host": HOST, **headers}
    scope = {
        "type": "http",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
        "client": ("192.0.2.1", 5),
    }
    stream.task = asyncio.create_task(app(scope, stream.receive, stream.send))
    try:
        yield stream
    finally:
        stream.leave.set()
        await asyncio.wait({stream.task}, timeout=SOON)
        assert stream.task.done()
