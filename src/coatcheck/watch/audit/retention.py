"""Retention: what is old enough goes, and the chains say where they begin by then."""

from typing import Any

import msgspec

from coatcheck.core.ledger import Entry, Ledger, Search
from coatcheck.core.lifetimes import HOUR
from coatcheck.manager import SessionManager
from coatcheck.watch.audit.notary import Notary
from coatcheck.watch.audit.statements import FORGOTTEN, Mark, Statement, forgotten

FORGET_EVERY = HOUR
MOST_FORGOTTEN = 20_000  # entries of one chain in one step
MOST_STEPS = 1_000  # then the next hour goes on
_BATCH = 500
_LATEST_STATEMENTS = 10  # workers may have made some at once


class Retention:
    """What is older than a number of seconds goes; first it is written down where each chain begins then.

    Args:
        ledger: What it is about.
        manager: Tells the time.
        notary: Writes it down.
        seconds: How old an entry gets.
    """

    def __init__(self, ledger: Ledger, manager: SessionManager[Any], notary: Notary, seconds: float) -> None:
        self._ledger = ledger
        self._manager = manager
        self._notary = notary
        self._seconds = seconds

    async def do(self) -> None:
        """Forget what is old enough, if nobody did within the hour."""
        latest = await self._latest(1)
        if latest and abs(self._manager.now() - latest[0].at) < FORGET_EVERY:
            return
        for _ in range(MOST_STEPS):
            if not await self._forget_some():
                break

    async def _forget_some(self) -> bool:
        now = self._manager.now()
        heads = {head.chain: head.seq for head in await self._ledger.heads()}
        old = {chain: mark for chain in heads if (mark := await self._end_of_old(chain, now - self._seconds))}
        if not old:
            return False
        ends = _known_ends(await self._latest(_LATEST_STATEMENTS)) | old
        staying = {chain: end for chain, end in ends.items() if end.seq < heads.get(chain, 0)}
        await self._notary.state(forgotten(now, now - self._seconds, staying))
        for chain, mark in old.items():
            await self._ledger.forget(chain, mark.seq)
        return True

    async def _end_of_old(self, chain: str, before: float) -> Mark | None:
        """Return the last of a chain's entries up to which all are older than a moment."""
        last: Entry | None = None
        first_page = page = await self._ledger.chain(chain, 0, _BATCH)
        while page and page[-1].seq - first_page[0].seq < MOST_FORGOTTEN:
            for entry in page:
                if entry.at >= before:
                    return Mark.of(last) if last else None
                last = entry
            page = await self._ledger.chain(chain, page[-1].seq, _BATCH)
        return Mark.of(last) if last else None

    async def _latest(self, number: int) -> list[Entry]:
        return await self._ledger.find(Search(name=FORGOTTEN), None, number)


def _known_ends(statements: list[Entry]) -> dict[str, Mark]:
    ends: dict[str, Mark] = {}
    for entry in statements:
        try:
            said = Statement.read(entry.body).chains
        except (msgspec.DecodeError, msgspec.ValidationError):
            continue  # damaged: `verify` tells of it
        ends |= {id: end for id, end in said.items() if id not in ends or ends[id].seq < end.seq}
    return ends
