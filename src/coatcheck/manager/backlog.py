"""Writes that may wait: activity stamps, and endings the store could not take at once."""

import asyncio
from collections.abc import Callable, Sequence

from coatcheck.core.errors import StoreError
from coatcheck.core.record import Record
from coatcheck.core.store import Ending, Store

MAX_DELAY = 1.0  # protocol.md section 1: a due stamp waits at most this long for its batch
_NEVER, _FOREVER = float("-inf"), float("inf")


class Backlog:
    """Collects touches per session and writes those that are due as one batch.

    A touch lost with the process costs at most one touch interval of activity; an ending stays
    here until the store has it.
    """

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._touches: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._on_their_way: dict[str, float] = {}
        self._endings: dict[str, Ending] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: set[asyncio.Task[None]] = set()

    def touch(self, record: Record, seen_at: float, interval: float) -> None:
        """Note activity that a session's record has not; it is due `interval` seconds after its last stamp.

        That may be one which is on its way to the store, where this record does not show it yet.
        """
        id, stored_at = record.id, record.last_seen_at
        if id in self._on_their_way:
            stored_at = max(stored_at, self._on_their_way[id])
        due_at = stored_at + interval
        self._note(id, seen_at, due_at if due_at > seen_at else seen_at)  # noqa: FURB136 - five times as fast

    def _note(self, id: str, seen_at: float, due_at: float) -> None:
        """Keep the newest stamp, for the earliest due time (both in seconds)."""
        if seen_at > self._touches.get(id, _NEVER):
            self._touches[id] = seen_at
        if due_at < self._due.get(id, _FOREVER):
            self._due[id] = due_at
        self._schedule()

    def end(self, ending: Ending) -> None:
        """Keep an ending until the store has taken it."""
        self._endings[ending.id] = ending
        self._schedule()

    async def write_due(self) -> None:
        """Write what is due; what the store refuses now stays."""
        now = self._now()
        await self._write([id for id, due_at in self._due.items() if due_at <= now])

    async def write_all(self) -> None:
        """Write everything, before the process stops."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        await self._write(list(self._due))
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _write(self, ids: Sequence[str]) -> None:
        touches, due = {id: self._touches.pop(id) for id in ids}, {id: self._due.pop(id) for id in ids}
        self._on_their_way |= touches
        endings, self._endings = self._endings, {}
        try:
            if endings:
                await self._store.end(list(endings.values()))
                endings = {}
            if touches:
                await self._store.touch(list(touches.items()))
        except StoreError:
            self._endings = endings | self._endings
            for id, seen in touches.items():
                self._note(id, seen, due[id])
        finally:
            for id, seen in touches.items():
                if self._on_their_way.get(id) == seen:  # and not a newer one
                    del self._on_their_way[id]

    def _schedule(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is None or self._loop is not loop:  # a loop that ended took its timer with it
            self._timer, self._loop = loop.call_later(MAX_DELAY, self._fire), loop

    def _fire(self) -> None:
        self._timer = None
        task = asyncio.get_running_loop().create_task(self._write_and_go_on())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _write_and_go_on(self) -> None:
        await self.write_due()
        if self._touches or self._endings:
            self._schedule()
