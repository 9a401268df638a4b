"""A network that a test can spoil: a TCP proxy on an event loop of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 65_536


class Proxy:
    """Passes bytes on to a server, as well as it was told to.

    Attributes:
        port: Where it listens.
        target: The port it leads to; new connections go where it says then.
        delay: Seconds by which each chunk is late, in both directions.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.delay = 0.0
        self._frozen = False
        self._refusing = False
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()

    def cut(self) -> None:
        """Break every connection, and let no new one through."""
        self._refusing = True
        self._loop.call_soon_threadsafe(self._abort)

    def freeze(self) -> None:
        """Swallow everything: connections stay open, and nothing comes over them, as behind a dead switch."""
        self._frozen = True

    def heal(self) -> None:
        """Be a good network again; what was frozen is broken, for its bytes are gone."""
        if self._frozen:
            self._loop.call_soon_threadsafe(self._abort)
        self._frozen = self._refusing = False
        self.delay = 0.0

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        """Listen for as long as the context lasts."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._stop(server), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    async def _listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _stop(self, server: asyncio.Server) -> None:
        server.close()
        self._abort()
        me = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not me]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, there[1]}
        await asyncio.gather(self._pass(reader, there[1]), self._pass(there[0], writer))
        self._open -= {writer, there[1]}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if self._frozen:
                    continue
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    def _abort(self) -> None:
        for writer in self._open:
            writer.transport.abort()
