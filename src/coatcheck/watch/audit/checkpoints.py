"""Checkpoints: from time to time the ledger says how far all its chains have come."""

from typing import Any

from coatcheck.core.ledger import Entry, Ledger, Search
from coatcheck.manager import SessionManager
from coatcheck.watch.audit.notary import Notary
from coatcheck.watch.audit.statements import CHECKPOINT, checkpoint

# PostgreSQL gives out places before the commit: so many may come between, and their chains are named again.
_LATE_PLACES = 10_000


class Checkpoints:
    """One worker makes a checkpoint for all, whenever the last is old enough and something happened since.

    Args:
        ledger: What it is about.
        manager: Tells the time.
        notary: Writes it down.
        every: Seconds between two.
    """

    def __init__(self, ledger: Ledger, manager: SessionManager[Any], notary: Notary, every: float) -> None:
        self._ledger = ledger
        self._manager = manager
        self._notary = notary
        self._every = every

    async def do(self) -> None:
        """Make one if it is due."""
        latest = await self._latest()
        if latest is None or abs(self._manager.now() - latest.at) >= self._every:
            await self._make(latest)

    async def make(self) -> None:
        """Make one if anything happened since the last."""
        await self._make(await self._latest())

    async def _make(self, latest: Entry | None) -> None:
        known = latest.place if latest else 0
        newest = await self._ledger.find(Search(), None, 1)
        if newest and newest[0].place > known:
            heads = await self._ledger.heads()
            moved = [head for head in heads if head.place > known - _LATE_PLACES]
            await self._notary.state(checkpoint(self._manager.now(), moved))

    async def _latest(self) -> Entry | None:
        return next(iter(await self._ledger.find(Search(name=CHECKPOINT), None, 1)), None)
