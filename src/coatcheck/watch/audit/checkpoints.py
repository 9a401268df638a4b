"""Checkpoints: from time to time each worker says how far its chain has come, and those of others."""

from typing import Any

from coatcheck.core.ledger import Ledger, Search
from coatcheck.manager import SessionManager
from coatcheck.watch.audit.chain import Chain, said
from coatcheck.watch.audit.notary import Notary
from coatcheck.watch.audit.statements import CHECKPOINT, Mark, checkpoint, own_mark
from coatcheck.watch.audit.worker import Worker

_NEWEST = 300  # checkpoints in which those of other workers are looked for


class Checkpoints:
    """A worker makes one whenever its last is old enough and it wrote something since.

    It goes by its own clock and memory: whoever writes the database can neither keep it from that, nor have
    it vouch for what no worker wrote. Of other chains it names what their own workers have signed.

    Args:
        ledger: What it is about.
        manager: Tells the time.
        worker: Writes the chain.
        notary: Writes it down.
        every: Seconds between two.
    """

    def __init__(
        self, ledger: Ledger, manager: SessionManager[Any], worker: Worker, notary: Notary, every: float
    ) -> None:
        self._ledger = ledger
        self._manager = manager
        self._worker = worker
        self._notary = notary
        self._every = every
        self._made_at = float("-inf")
        self._last = worker.last
        self._named: dict[str, Mark] = {}

    async def do(self) -> None:
        """Make one if it is due."""
        is_due = abs(self._manager.now() - self._made_at) >= self._every
        if is_due and self._worker.last is not self._last:
            await self._make(await self._others())

    async def make(self) -> None:
        """Make one if anything happened since the last, in another chain too."""
        others = await self._others()
        if others or self._worker.last is not self._last:
            await self._make(others)

    async def _make(self, others: dict[str, Mark]) -> None:
        def say(chain: Chain) -> dict[str, Any]:
            own = {chain.id: Mark.of(chain.last)} if chain.last else {}
            return checkpoint(self._manager.now(), others | own, chain.id)

        await self._notary.state(say)
        self._made_at, self._last = self._manager.now(), self._worker.last
        self._named |= others

    async def _others(self) -> dict[str, Mark]:
        """Return the newest checkpoints of others that it has not named yet."""
        found: dict[str, Mark] = {}
        own = self._worker.last.chain if self._worker.last else None
        for entry in await self._ledger.find(Search(name=CHECKPOINT), None, _NEWEST):
            body = said(entry)
            stands = own_mark(body)
            if stands and stands[0] != own and self._is_newer(*stands, found) and self._notary.believes(body):
                found[stands[0]] = stands[1]
        return found

    def _is_newer(self, chain: str, mark: Mark, found: dict[str, Mark]) -> bool:
        return all(chain not in known or known[chain].seq < mark.seq for known in (found, self._named))
