"""Stopping: a server that is told to stop waits for its open streams, so they must go of themselves."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def when_told_to_stop(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` as soon as the process is told to stop, before the handler that the server has set.

    The end of the lifespan would be too late: it comes when every connection has closed. Where the server
    sets no handler, or runs in another thread, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers: dict[int, Callable[[int, FrameType | None], Any]] = {}

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        servers[number](number, frame)

    for number in SIGNALS:
        handler = signal.getsignal(number)
        if callable(handler):
            servers[number] = handler
            signal.signal(number, told)
    try:
        yield
    finally:
        for number in SIGNALS:
            if signal.getsignal(number) is told:
                signal.signal(number, servers[number])
