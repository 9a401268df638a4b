"""Waiting for a server in its own time: on a busy machine one that is up may not answer at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Store

PATIENCE = 30.0  # seconds
PAUSE = 0.02  # seconds


async def until_it_works(store: Store, id: str) -> Record | Tombstone | None:
    """Load a row until nothing is the matter, with the server that has it; return the row."""
    fault: StoreUnavailable | None = None
    async for _ in _tries():
        try:
            return await store.load(id)
        except StoreUnavailable as error:
            fault = error
    raise AssertionError("the store did not come back") from fault


async def until_it_says(text: str, work: Callable[[], Awaitable[object]]) -> StoreUnavailable:
    """Do what cannot be done until the fault says why; return the fault."""
    fault: StoreUnavailable | None = None
    async for _ in _tries():
        try:
            await work()
        except StoreUnavailable as error:
            fault = error
            if text in str(error):
                return error
        else:
            raise AssertionError("it was done")
    raise AssertionError(f"nothing said that it {text}") from fault


async def _tries() -> AsyncIterator[None]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        yield
        await asyncio.sleep(PAUSE)
