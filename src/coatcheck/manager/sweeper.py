"""The sweeper: what is long over goes for good, in one worker at a time, for as long as an app runs."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from coatcheck.core.errors import CoatcheckError, ConfigurationError
from coatcheck.core.events import StoreFailed, SweepFinished
from coatcheck.core.lifetimes import MINUTE, RETENTION
from coatcheck.core.patience import jittered
from coatcheck.core.store import NEVER, Rows
from coatcheck.manager.beside import beside
from coatcheck.manager.manager import SessionManager
from coatcheck.manager.rows import Step, TypedRows
from coatcheck.manager.users import BATCH

_log = logging.getLogger("coatcheck")

KEY = "turns"


class SweepPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How often the sweeper comes, and what it takes.

    Attributes:
        period: Seconds from one sweep to the next, by whichever worker.
        retention: Seconds for which what is over stays: so long can "why was I signed out?" be answered.
        batch: Rows deleted in one step, at most.
    """

    period: float = 10 * MINUTE
    retention: float = RETENTION
    batch: int = BATCH

    def __post_init__(self) -> None:
        if not (self.period > 0 and self.retention >= 0 and self.batch >= 1):
            raise ConfigurationError(
                f"no sweeper can work with {self}",
                remedy="Give a period above 0, a retention of at least 0 and a batch of at least 1",
            )


USUAL = SweepPolicy()


class Turn(msgspec.Struct, frozen=True, array_like=True):
    """What the workers share of their sweeps; both in seconds since the epoch, 0 for never.

    Attributes:
        taken_at: When a worker last began one: for a period from then on it is nobody else's turn.
        finished_at: When one last came to its end.
    """

    taken_at: float = 0.0
    finished_at: float = 0.0


class Sweeper:
    """Sweeps for as long as it attends a manager. No failure stops it; it comes again.

    Workers take turns by a row of the store. On a store without rows each sweeps for itself, which takes
    longer and harms nothing.
    """

    def __init__(self, policy: SweepPolicy = USUAL) -> None:
        self.policy = policy

    @asynccontextmanager
    async def attend(self, manager: SessionManager[Any]) -> AsyncIterator[None]:
        """Sweep from time to time, for as long as the context lasts."""
        async with beside(self._come_and_go(manager)):
            yield

    async def sweep(self, manager: SessionManager[Any]) -> int | None:
        """Sweep unless some worker began within the period; return how many rows went, None if one did."""
        now, period = manager.now(), self.policy.period

        def take(turn: Turn) -> Step[Turn, bool]:
            if 0 <= now - turn.taken_at < period:
                return Step(result=False)
            return Step(True, Turn(now, turn.finished_at), NEVER)

        turns = _turns(manager)
        if turns is not None and not await turns.change(KEY, take):
            return None
        return sum([deleted async for deleted in sweep_all(manager, self.policy)])

    async def _come_and_go(self, manager: SessionManager[Any]) -> None:
        while True:
            await asyncio.sleep(jittered(self.policy.period / 2, manager.entropy))
            try:
                await self.sweep(manager)
            except Exception as fault:  # noqa: BLE001 - whatever failed, the next sweep may not
                unknown = not isinstance(fault, CoatcheckError)
                _log.warning("sweeping failed, and will be tried again: %s", fault, exc_info=unknown)
                manager.tell(StoreFailed, None, verb="sweep")


async def sweep_all(manager: SessionManager[Any], policy: SweepPolicy = USUAL) -> AsyncGenerator[int, None]:
    """Delete all that has been over for longer than the retention; yield how many rows each batch took.

    Raises:
        ConfigurationError: This clock and the engine's differ by more than 60 seconds.
        StoreUnavailable: The store cannot write.
    """
    deleted = 0
    while count := await manager.sweep(retention=policy.retention, limit=policy.batch):
        deleted += count
        yield count
    now = manager.now()
    if (turns := _turns(manager)) is not None:
        await turns.change(KEY, lambda turn: Step(None, Turn(turn.taken_at, now), NEVER))
    manager.tell(SweepFinished, None, deleted=deleted)


async def last_sweep(manager: SessionManager[Any]) -> float | None:
    """Return when a sweep last came to its end, by whichever worker; None if it is not known.

    Raises:
        StoreUnavailable: The store cannot be read.
    """
    turns = _turns(manager)
    return (await turns.get(KEY)).finished_at or None if turns is not None else None


def _turns(manager: SessionManager[Any]) -> TypedRows[Turn] | None:
    return TypedRows(manager.store, "sweeper:", Turn, Turn()) if isinstance(manager.store, Rows) else None
