"""Retention: what is old enough goes, and the chains say where they begin by then."""

import logging
from typing import Any

from coatcheck.core.events import SinkFailed
from coatcheck.core.ledger import Entry, Ledger, Search
from coatcheck.core.lifetimes import HOUR
from coatcheck.manager import SessionManager
from coatcheck.watch.audit.chain import moment, said
from coatcheck.watch.audit.notary import Notary
from coatcheck.watch.audit.statements import CHECKPOINT, FORGOTTEN, Mark, forgotten
from coatcheck.watch.audit.vouchers import Vouchers
from coatcheck.watch.audit.walk import LONGEST_UNSIGNED, Walk

SINK = "audit retention"
FORGET_EVERY = HOUR
MOST_FORGOTTEN = 20_000  # entries of one chain in one step
MOST_STEPS = 1_000  # then the next hour goes on
_BATCH = 500
_LATEST_STATEMENTS = 10  # workers may have made some at once

_log = logging.getLogger("coatcheck")


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
        self._done_at = float("-inf")
        self._doubtful: set[str] = set()

    async def do(self) -> None:
        """Forget what is old enough, if nobody did within the hour."""
        now = self._manager.now()
        if abs(now - self._done_at) < FORGET_EVERY:
            return
        before = now - self._seconds
        vouchers = Vouchers(self._notary.key)
        latest = await self._hear(vouchers, Search(name=FORGOTTEN), _LATEST_STATEMENTS)
        if abs(now - latest) < FORGET_EVERY:
            return
        await self._hear(vouchers, Search(name=CHECKPOINT, until=before + LONGEST_UNSIGNED))
        self._doubtful = set()
        for _ in range(MOST_STEPS):
            if not await self._forget_some(before, vouchers):
                break
        self._done_at = now

    async def _hear(self, vouchers: Vouchers, search: Search, limit: int | None = None) -> float:
        """Hear statements, those that are believed; return the moment of the newest."""
        newest, place = float("-inf"), None
        while page := await self._ledger.find(search, place, limit or _BATCH):
            for entry in page:
                if vouchers.hear(said(entry)):
                    newest = max(newest, moment(entry))
            if limit:
                break
            place = page[-1].place
        return newest

    async def _forget_some(self, before: float, vouchers: Vouchers) -> bool:
        heads = {head.chain: head.seq for head in await self._ledger.heads()}
        sound = [chain for chain in heads if chain not in self._doubtful]
        old = {chain: end for chain in sound if (end := await self._end_of_old(chain, before, vouchers))}
        if not old:
            return False
        ends = {chain: end for chain in heads if (end := old.get(chain) or vouchers.beginning(chain))}
        staying = {chain: end for chain, end in ends.items() if end.seq < heads[chain]}
        stated = await self._notary.state(lambda _: forgotten(self._manager.now(), before, staying))
        if stated is None:
            return False
        vouchers.hear(stated)
        for chain, mark in old.items():
            await self._ledger.forget(chain, mark.seq)
        return True

    async def _end_of_old(self, chain: str, before: float, vouchers: Vouchers) -> Mark | None:
        """Return the last of a chain's entries up to which all are older than a moment, by their text.

        None if one of them is not as it was written: what somebody has changed stays, to be looked into.
        """
        walk = Walk(chain, vouchers)
        begins = walk.seq
        while page := await self._ledger.chain(chain, walk.seq, _BATCH):
            for entry in page:
                if moment(entry) >= before or walk.seq - begins >= MOST_FORGOTTEN:
                    return walk.last if walk.seq > begins else None
                if not vouchers.is_signed(chain) or walk.step(entry):
                    self._doubt(entry)
                    return None
        return walk.last if walk.seq > begins else None

    def _doubt(self, entry: Entry) -> None:
        """Leave a chain alone until the next hour, and tell of it."""
        self._doubtful.add(entry.chain)
        _log.error(
            "chain %s of the audit ledger stays, for its entry %d is not as it was written: "
            "see `coatcheck audit verify`",
            entry.chain,
            entry.seq,
        )
        self._manager.tell(SinkFailed, None, sink=SINK)
