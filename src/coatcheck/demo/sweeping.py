"""Sweeping: whichever worker takes the lease deletes what is long over."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from coatcheck.core.errors import CoatcheckError
from coatcheck.core.lifetimes import MINUTE
from coatcheck.core.store import Rows
from coatcheck.manager import SessionManager

LEASE = "demo/sweeper"
PERIOD = 10 * MINUTE


async def sweep_once(manager: SessionManager[Any]) -> bool:
    """Sweep unless some worker did within the period; tell whether this one did."""
    store = manager.store
    if isinstance(store, Rows) and not await _take_lease(store, manager.now()):
        return False
    while await manager.sweep():
        pass
    return True


@contextlib.asynccontextmanager
async def sweeping(manager: SessionManager[Any]) -> AsyncIterator[None]:
    """Sweep periodically for as long as the context lasts."""
    task = asyncio.create_task(_forever(manager))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _forever(manager: SessionManager[Any]) -> None:
    while True:
        with contextlib.suppress(CoatcheckError):  # a store that is down is swept another time
            await sweep_once(manager)
        await asyncio.sleep(PERIOD / 2)


async def _take_lease(rows: Rows, now: float) -> bool:
    row = await rows.row(LEASE)
    if row is not None and now - float(row.value) < PERIOD:
        return False
    expected = row.version if row else 0
    return await rows.put_row(LEASE, str(now).encode(), expected=expected, expires_at=now + 2 * PERIOD)
