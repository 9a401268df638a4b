"""The worker: one task that brings what waits into the ledger, a batch at a time."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from coatcheck.core.errors import ChainForked
from coatcheck.core.events import Event, SinkFailed
from coatcheck.core.events.wire import describe
from coatcheck.core.ledger import Entry, Ledger
from coatcheck.core.lifetimes import DAY
from coatcheck.manager import SessionManager
from coatcheck.watch.audit.chain import Body, Chain
from coatcheck.watch.audit.settling import settled_by
from coatcheck.watch.audit.statements import Signer, checkpoint
from coatcheck.watch.audit.waiting import Waiting

SINK = "audit"
GATHER_SECONDS = 0.2  # that the first event waits for others: many share one commit
RETRY_SECONDS = 1.0
BATCH = 500

_log = logging.getLogger("coatcheck")


class Worker:
    """Appends to one chain, in order. What could not be stored is stored later, to the letter.

    Args:
        manager: Tells the time, and observers of a ledger that fails.
        ledger: Where entries go.
        waiting: Events to write.
        key: Signs the first entry of the chain, so that nobody else can begin one.
    """

    def __init__(
        self,
        manager: SessionManager[Any],
        ledger: Ledger,
        waiting: Waiting,
        key: Signer | None = None,
    ) -> None:
        self._manager = manager
        self._ledger = ledger
        self._waiting = waiting
        self._key = key
        self._chain = Chain(manager.entropy)
        self._pending: list[Entry] = []
        self._settled: list[str] = []
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()
        self._is_failing = False
        waiting.wake = self._woken.set

    async def run(self) -> None:
        """Write whenever something waits; never ends by itself."""
        if self._waiting:
            self._woken.set()
        pause = GATHER_SECONDS
        while True:
            await self._woken.wait()
            await asyncio.sleep(pause)
            self._woken.clear()
            pause = GATHER_SECONDS
            if not await self.write_all():
                self._woken.set()
                pause = RETRY_SECONDS

    async def write_all(self) -> bool:
        """Write everything that waits; tell whether that was possible."""
        try:
            async with self._turn:
                await self._flush()
                while events := self._waiting.take(BATCH):
                    self._extend(self._describe(events), [key for e in events if (key := settled_by(e))])
                    await self._flush()
        except Exception as error:  # noqa: BLE001 - a store of the app's own may fail in any way
            self._tell_failure(error)
            return False
        self._is_failing = False
        if lost := self._waiting.lost:
            self._waiting.lost = 0
            self._manager.tell(SinkFailed, None, sink=SINK, lost=lost)
        return True

    async def finish(self) -> None:
        """Write what is left, before the process stops."""
        if not await self.write_all():
            _log.error("%d events are lost to the audit ledger", len(self._waiting) + len(self._pending))

    async def write(self, bodies: Sequence[Body], settled: Sequence[str] = ()) -> None:
        """Write what is no event of this process, behind all that waits for the store already.

        Raises:
            StoreUnavailable: The store cannot write; it is written later.
        """
        async with self._turn:
            await self._flush()
            self._extend(bodies, settled)
            await self._flush()

    async def state(self, say: Callable[[Chain], Body]) -> Body:
        """Write what the worker says of its chain, given it; return that.

        Raises:
            StoreUnavailable: The store cannot write; it is written later.
        """
        async with self._turn:
            await self._flush()
            self._extend([], [])
            await self._flush()
            body = say(self._chain)
            self._pending = self._chain.extend([body])
            await self._flush()
            return body

    @property
    def last(self) -> Entry | None:
        """The last entry that it wrote."""
        return self._chain.last

    def _describe(self, events: Sequence[Event]) -> list[Body]:
        """Return what entries say of events; one that cannot be described is lost, and not the others."""
        bodies: list[Body] = []
        for event in events:
            try:
                bodies.append(describe(event))
            except Exception:  # noqa: BLE001 - an app's own event may hold anything
                _log.exception("an event %s cannot be described", event.name)
                self._waiting.lost += 1
        return bodies

    def _extend(self, bodies: Sequence[Body], settled: Sequence[str]) -> None:
        # A chain that rests for long may have been forgotten as a whole: see `retention`.
        if self._chain.last and self._chain.last.at < self._manager.now() - DAY:
            self._chain = Chain(self._manager.entropy)
        self._pending, self._settled = self._begun(bodies), list(settled)

    def _begun(self, bodies: Sequence[Body]) -> list[Entry]:
        """Return the next entries of the chain, the first of which is signed."""
        if self._key and not self._chain.last:
            opening = self._key.sign(checkpoint(self._manager.now(), {}, self._chain.id))
            return self._chain.extend([opening, *bodies])
        return self._chain.extend(bodies)

    async def _flush(self) -> None:
        """Store what is pending, once: an attempt that nobody answered may have succeeded."""
        if not self._pending:
            return
        try:
            await self._ledger.append(self._pending, self._settled)
        except ChainForked:
            if not await self._is_there(self._pending[-1]):
                self._chain = Chain(self._manager.entropy)
                self._pending = self._begun([entry.body for entry in self._pending])
                await self._ledger.append(self._pending, self._settled)
        self._chain.last, self._pending, self._settled = self._pending[-1], [], []

    async def _is_there(self, entry: Entry) -> bool:
        found = await self._ledger.chain(entry.chain, entry.seq - 1, 1)
        return bool(found) and found[0].digest == entry.digest

    def _tell_failure(self, error: Exception) -> None:
        if not self._is_failing:
            self._is_failing = True
            _log.warning("the audit ledger cannot be written, events wait: %s", error)
            self._manager.tell(SinkFailed, None, sink=SINK)
