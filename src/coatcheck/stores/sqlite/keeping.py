"""The verbs of the skill `Ledger`; what may look at many entries is read on another thread."""

import sqlite3
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar, TypeVarTuple

from coatcheck.core.ledger import Entry, Note, Search
from coatcheck.stores.sqlite import ledger, noting

ResultT = TypeVar("ResultT")
Ts = TypeVarTuple("Ts")


class SqliteLedger:
    """The skill `Ledger`, and what notes are left."""

    async def append(self, entries: Sequence[Entry], settled: Sequence[str] = ()) -> None:
        """Store entries of the audit ledger, and drop the notes that they settle."""
        await self._write(ledger.append, entries, settled)

    async def find(self, search: Search, before: int | None, limit: int) -> list[Entry]:
        """Return at most `limit` entries in places lower than `before`, the newest first."""
        return await self._read_aside(ledger.find, search, before, limit)

    async def chain(self, id: str, after: int, limit: int) -> list[Entry]:
        """Return at most `limit` entries of a chain with numbers greater than `after`, in order."""
        return await self._read_aside(ledger.chain, id, after, limit)

    async def heads(self) -> list[Entry]:
        """Return the last entry of every chain."""
        return await self._read_aside(ledger.heads)

    async def forget(self, id: str, through: int) -> int:
        """Remove the entries of a chain up to a number; return how many."""
        return await self._write(ledger.forget, id, through)

    async def notes(self, limit: int) -> list[Note]:
        """Return at most `limit` notes, the oldest first."""
        return await self._read_aside(noting.notes, limit)

    @abstractmethod
    async def _write(self, work: Callable[[sqlite3.Connection, *Ts], ResultT], *args: *Ts) -> ResultT: ...

    @abstractmethod
    async def _read_aside(
        self, work: Callable[[sqlite3.Connection, *Ts], ResultT], *args: *Ts
    ) -> ResultT: ...
