"""A worker process under load, which looks out for the moment when a session is refused."""

import asyncio
import logging
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from benchmarks.apps import coat
from benchmarks.hosts.asgi import ask, discard, receive, scope_of
from coatcheck import SessionManager
from coatcheck.core.errors import StoreUnavailable
from coatcheck.stores import open_store
from coatcheck.stores.near import NearStore

BATCH = 20  # requests that a worker answers in a row
REST = 3.0  # times as long as a batch it waits for the next: four workers keep two cores half busy
LOOK = 0.001  # seconds between two requests of the session that is looked at


class Refusal(NamedTuple):
    """When a worker answered the session's requests: `time.monotonic`, which all processes share.

    Attributes:
        admitted: The last request that was admitted.
        refused: The first that was not.
        requests: How many others were answered meanwhile.
    """

    admitted: float
    refused: float
    requests: int


@contextmanager
def workers(count: int, url: str) -> Iterator[list[Connection]]:
    """Start so many. Send each a cookie; it says that it admits it, and later when it no longer did."""
    # Not forked: a child would inherit connections and threads.
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        ends = []
        for _ in range(count):
            here, there = context.Pipe()
            process = context.Process(target=work, args=(there, url), daemon=True)
            process.start()
            there.close()  # so that a worker which fails is heard of
            stack.callback(process.join)
            ends.append(here)
        stack.callback(_dismiss, ends)
        yield ends


def _dismiss(ends: list[Connection]) -> None:
    for end in ends:
        with suppress(BrokenPipeError):
            end.send(None)


def work(orders: Connection, url: str) -> None:
    """Answer requests until told to stop."""
    logging.getLogger("coatcheck").setLevel(logging.ERROR)  # feeds are cut on purpose
    asyncio.run(Worker(url).run(orders))


class Worker:
    """An application with its near-cache, and people who use it."""

    def __init__(self, url: str) -> None:
        self._store = open_store(url, near=True)
        manager: SessionManager[Any] = SessionManager(self._store)
        self._app = coat.application(manager)
        self._answered = 0

    async def run(self, orders: Connection) -> None:
        assert isinstance(self._store, NearStore)
        load = asyncio.create_task(self._load())
        while (cookie := await asyncio.to_thread(orders.recv)) is not None:
            await coat.remembers(self._store)
            assert await self._admits(cookie)
            orders.send(True)
            orders.send(await self._watch(cookie))
        load.cancel()
        await self._store.close()

    async def _watch(self, cookie: bytes) -> Refusal:
        admitted, before = 0.0, self._answered
        while await self._admits(cookie):
            admitted = time.monotonic()
            await asyncio.sleep(LOOK)
        return Refusal(admitted, time.monotonic(), self._answered - before)

    async def _admits(self, cookie: bytes) -> bool:
        with suppress(StoreUnavailable):
            return (await ask(self._app, "/read", cookie)).body == "0"
        return False

    async def _load(self) -> None:
        """Answer somebody who is signed in, a quarter of the time."""
        cookie = (await ask(self._app, "/login")).cookie
        scope = scope_of("/read", cookie)
        while True:
            begin = time.perf_counter()
            with suppress(StoreUnavailable):
                for _ in range(BATCH):
                    await self._app(scope.copy(), receive, discard)
                    self._answered += 1
            await asyncio.sleep(REST * (time.perf_counter() - begin))
