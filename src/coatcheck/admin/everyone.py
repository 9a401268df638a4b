"""Signing everybody out: a walk over all sessions that is told on the dashboard, and survives its worker."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec

from coatcheck.core.errors import CoatcheckError
from coatcheck.core.lifetimes import DAY
from coatcheck.core.store import Rows
from coatcheck.manager import Everyone, SessionManager
from coatcheck.manager.beside import beside
from coatcheck.manager.everyone import share_of
from coatcheck.manager.rows import Step, TypedRows

KEY = "walk"
STALE = 30.0  # seconds without a sign of life after which another worker takes the walk up
KEPT = DAY  # seconds for which the dashboard tells of a walk that is over

_log = logging.getLogger("coatcheck")


class Walk(msgspec.Struct, frozen=True, array_like=True):
    """How far a walk has come; all moments in seconds since the epoch, 0 for never.

    Attributes:
        began_at: Sessions that began until then are meant.
        by: Who does it: an operator's user id.
        keep: Id of the session that goes on, the operator's own.
        after: Ids up to this one are done.
        ended: Sessions ended so far.
        beat_at: Last sign of life.
        finished_at: When it was done.
    """

    began_at: float = 0.0
    by: str = ""
    keep: str = ""
    after: str = ""
    ended: int = 0
    beat_at: float = 0.0
    finished_at: float = 0.0

    @property
    def is_under_way(self) -> bool:
        """It began, and is not done."""
        return self.began_at > 0 and not self.finished_at

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return 1.0 if self.finished_at else share_of(self.after)


class EveryoneOut:
    """Ends everybody's sessions, in whichever worker was asked, or in one that takes the walk up.

    Args:
        manager: Ends sessions.
    """

    def __init__(self, manager: SessionManager[Any]) -> None:
        self._manager = manager
        self._rows: TypedRows[Walk] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_possible(self) -> bool:
        """The store can keep how far a walk has come."""
        return self._rows is not None

    @asynccontextmanager
    async def attend(self, manager: SessionManager[Any]) -> AsyncIterator[None]:
        """Take up walks that a worker left, for as long as the context lasts."""
        if isinstance(manager.store, Rows):
            self._rows = TypedRows(manager.store, "everyone:", Walk, Walk())
        try:
            async with beside(self._look_for_walks()):
                yield
        finally:
            if (walking := self._task) is not None:
                walking.cancel()
                with suppress(asyncio.CancelledError):
                    await walking

    async def progress(self) -> Walk:
        """Return how far the last walk has come.

        Raises:
            StoreUnavailable: The store cannot be read.
        """
        return await self._rows.get(KEY) if self._rows is not None else Walk()

    async def begin(self, *, by: str, keep: str) -> bool:
        """Begin a walk; False if one is under way.

        Raises:
            StoreUnavailable: The store cannot be used.
        """
        now = self._manager.now()
        begun = await self._change(
            lambda walk: None if walk.is_under_way else Walk(now, by, keep, beat_at=now)
        )
        if begun:
            self._walk_on()
        return begun

    async def _look_for_walks(self) -> None:
        while True:
            await asyncio.sleep(STALE)
            with suppress(CoatcheckError):
                await self.take_up()

    async def take_up(self) -> bool:
        """Go on with a walk that some worker began, and shows no sign of life; tell whether there was one."""
        now = self._manager.now()
        taken = await self._change(
            lambda walk: (
                msgspec.structs.replace(walk, beat_at=now)
                if walk.is_under_way and now - walk.beat_at > STALE
                else None
            )
        )
        if taken:
            self._walk_on()
        return taken

    def _walk_on(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._walk())

    async def _walk(self) -> None:
        try:
            walk = await self.progress()
            while walk.is_under_way:
                walk = await self._step(walk)
        except CoatcheckError as fault:
            _log.warning("signing everybody out has paused, and will be taken up again: %s", fault)

    async def _step(self, walk: Walk) -> Walk:
        whom = Everyone(began_before=walk.began_at, keep=walk.keep, by=walk.by)
        step = await self._manager.revoke_some(whom, walk.after)
        now = self._manager.now()
        further = msgspec.structs.replace(
            walk,
            after=step.after or "",
            ended=walk.ended + step.ended,
            beat_at=now,
            finished_at=0.0 if step.after else now,
        )
        await self._change(lambda _: further)
        return further

    async def _change(self, decide: Any) -> bool:
        """Store what `decide` makes of the walk, unless that is None; tell whether it was stored."""
        if self._rows is None:
            return False

        def step(walk: Walk) -> Step[Walk, bool]:
            after = decide(walk)
            return Step(after is not None, after, self._manager.now() + KEPT)

        return await self._rows.change(KEY, step)
