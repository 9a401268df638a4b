"""Writes that may wait: activity stamps, and endings the store could not take at once."""

import asyncio
from collections.abc import Callable

from coatcheck.core.errors import StoreError
from coatcheck.core.record import Record
from coatcheck.core.store import Ending, Store

MAX_DELAY = 1.0  # protocol.md section 1: a due stamp waits at most this long for its batch


class Backlog:
    """Collects touches per session and writes those that are due as one batch.

    A touch lost with the process costs at most one touch interval of activity; an ending stays
    here until the store has it.
    """

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._touches: dict[str, tuple[float, float]] = {}  # the stamp, and when it is due
        self._on_their_way: dict[str, float] = {}
        self._endings: dict[str, Ending] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: set[asyncio.Task[None]] = set()

    def touch(self, record: Record, seen_at: float, interval: float) -> None:
        """Note activity that a session's record has not; it is due `interval` seconds after its last stamp.

        That may be one which is on its way to the store, where this record does not show it yet.
        """
        stored_at = max(record.last_seen_at, self._on_their_way.get(record.id, record.last_seen_at))
        self._note(record.id, seen_at, max(seen_at, stored_at + interval))

    def _note(self, id: str, seen_at: float, due_at: float) -> None:
        """Keep the newest stamp, for the earliest due time (both in seconds)."""
        if (held := self._touches.get(id)) is not None:
            seen_at, due_at = max(held[0], seen_at), min(held[1], due_at)
        self._touches[id] = (seen_at, due_at)
        self._schedule()

    def end(self, ending: Ending) -> None:
        """Keep an ending until the store has taken it."""
        self._endings[ending.id] = ending
        self._schedule()

    async def write_due(self) -> None:
        """Write what is due; what the store refuses now stays."""
        now = self._now()
        await self._write({id: seen for id, (seen, due) in self._touches.items() if due <= now})

    async def write_all(self) -> None:
        """Write everything, before the process stops."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        await self._write({id: seen for id, (seen, _) in self._touches.items()})
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _write(self, touches: dict[str, float]) -> None:
        held = {id: self._touches.pop(id) for id in touches}
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
            for id, (seen, due) in held.items():
                self._note(id, seen, due)
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
