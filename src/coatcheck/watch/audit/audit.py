"""Audit: the observer that brings every event into the ledger."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events import Event
from coatcheck.core.ledger import Notes
from coatcheck.core.lifetimes import DAY
from coatcheck.core.patience import jittered
from coatcheck.manager import SessionManager
from coatcheck.watch.audit.checkpoints import Checkpoints
from coatcheck.watch.audit.notary import Notary
from coatcheck.watch.audit.read import require_ledger
from coatcheck.watch.audit.recovery import Recovery
from coatcheck.watch.audit.retention import Retention
from coatcheck.watch.audit.statements import Signer
from coatcheck.watch.audit.waiting import Waiting
from coatcheck.watch.audit.worker import Worker

Duty = Checkpoints | Recovery | Retention

CHECKPOINT_SECONDS = 60.0
PAUSE_SECONDS = 5.0

_log = logging.getLogger("coatcheck")


class Audit:
    """Writes every event into the store's ledger: `SessionManager(store, observers=[Audit()])`.

    An event waits in memory for a fraction of a second, and is written together with others by a task of
    its own. So no request waits for the ledger, and none fails with it.

    Args:
        key: Signs checkpoints, so that whoever can write the database cannot rewrite the ledger: a
            `signing.SigningKey`.
        anchor: A file outside of the database, to which checkpoints are written too.
        retention: Seconds after which entries go; None keeps them for ever. At least two days.
        checkpoint_every: Seconds between two checkpoints, while something happens; None makes none.
    """

    def __init__(
        self,
        *,
        key: Signer | None = None,
        anchor: Path | None = None,
        retention: float | None = None,
        checkpoint_every: float | None = CHECKPOINT_SECONDS,
    ) -> None:
        if retention is not None and retention < 2 * DAY:
            raise ConfigurationError(
                f"retention={retention} seconds", remedy="Keep the ledger for two days at least"
            )
        self._waiting = Waiting()
        self._worker: Worker | None = None
        self._key = key
        self._anchor = anchor
        self._retention = retention
        self._checkpoint_every = checkpoint_every

    def observe(self, event: Event) -> None:
        """Take note of an event; it is written soon."""
        self._waiting.put(event)

    async def write(self) -> None:
        """Write now what waits, for whoever must see it in the ledger at once."""
        if self._worker:
            await self._worker.write_all()

    def attend(self, manager: SessionManager[Any]) -> AbstractAsyncContextManager[None]:
        """Write as long as the manager is in use, and what is left at its end.

        Raises:
            ConfigurationError: Its store keeps no ledger.
        """
        ledger = require_ledger(manager.store)
        self._worker = worker = Worker(manager, ledger, self._waiting, self._key)
        notary = Notary(worker, manager, self._key, self._anchor)
        duties: list[Duty] = []
        if isinstance(ledger, Notes):
            ledger.take_notes()
            duties.append(Recovery(ledger, manager, worker))
        if self._retention is not None:
            duties.append(Retention(ledger, manager, notary, self._retention))
        if self._checkpoint_every is not None:
            duties.append(Checkpoints(ledger, manager, worker, notary, self._checkpoint_every))
        return _work(worker, duties, manager.entropy)


@asynccontextmanager
async def _work(worker: Worker, duties: Sequence[Duty], entropy: Entropy) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run()), asyncio.create_task(_do_all(duties, entropy))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await worker.finish()
        for duty in duties:
            if isinstance(duty, Checkpoints):
                await _try(duty.make)


async def _do_all(duties: Sequence[Duty], entropy: Entropy) -> None:
    """Do what is due every few seconds, in each worker at other moments; never ends by itself."""
    while True:
        await asyncio.sleep(jittered(PAUSE_SECONDS, entropy))
        for duty in duties:
            await _try(duty.do)


async def _try(act: Callable[[], Awaitable[None]]) -> None:
    try:
        await act()
    except Exception as error:  # noqa: BLE001 - what cannot be done now is done later
        _log.warning("the audit ledger cannot be looked after now: %s", error)
