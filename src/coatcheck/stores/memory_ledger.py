"""The audit ledger in this process's memory."""

from collections.abc import Sequence
from itertools import islice

import msgspec

from coatcheck.core.errors import ChainForked
from coatcheck.core.ledger import Entry, Search


class MemoryLedger:
    """The skill `Ledger`, for what lives and dies with its process."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._chains: dict[str, dict[int, Entry]] = {}
        self._last_place = 0

    async def append(self, entries: Sequence[Entry], settled: Sequence[str] = ()) -> None:
        """Store entries in one step; there are no notes."""
        del settled
        for entry in entries:
            if entry.seq in self._chains.get(entry.chain, ()):
                raise ChainForked(f"chain {entry.chain} has an entry {entry.seq} already")
        for entry in entries:
            self._last_place += 1
            placed = msgspec.structs.replace(entry, place=self._last_place)
            self._entries[placed.place] = self._chains.setdefault(entry.chain, {})[entry.seq] = placed

    async def find(self, search: Search, before: int | None, limit: int) -> list[Entry]:
        """Return at most `limit` entries in places lower than `before`, the newest first."""
        newest_first = reversed(self._entries.values())
        found = (e for e in newest_first if (before is None or e.place < before) and search.matches(e))
        return list(islice(found, limit))

    async def chain(self, id: str, after: int, limit: int) -> list[Entry]:
        """Return at most `limit` entries of a chain with numbers greater than `after`, in order."""
        entries = self._chains.get(id, {}).values()
        return list(islice((entry for entry in entries if entry.seq > after), limit))

    async def heads(self) -> list[Entry]:
        """Return the last entry of every chain."""
        return [next(reversed(entries.values())) for entries in self._chains.values() if entries]

    async def forget(self, id: str, through: int) -> int:
        """Remove the entries of a chain up to a number; return how many."""
        entries = self._chains.get(id, {})
        gone = [entry for entry in entries.values() if entry.seq <= through]
        for entry in gone:
            del entries[entry.seq], self._entries[entry.place]
        if not entries:
            self._chains.pop(id, None)
        return len(gone)
