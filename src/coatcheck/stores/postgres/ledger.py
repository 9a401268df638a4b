"""The audit ledger in PostgreSQL."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from coatcheck.core.errors import ChainForked
from coatcheck.core.ledger import Entry, Note, Search
from coatcheck.stores.postgres import ledger_statements as statements

# In the order of the attributes of `Search`, and the place behind them.
_WHERE = ("session_id = {}", "user_id = {}", "name = {}", "at >= {}", "at < {}", "place < {}")


class PostgresLedger:
    """The skills `Ledger` and `Notes`."""

    _fetch: Callable[..., Awaitable[list[Any]]]
    _takes_notes = False

    async def append(self, entries: Sequence[Entry], settled: Sequence[str] = ()) -> None:
        """Store entries in one step, and drop the notes that they settle."""
        columns = zip(*map(_to_row, entries), strict=True)
        try:
            await self._fetch(
                statements.APPEND,
                *map(list, columns),
                list(settled),
                expected=asyncpg.UniqueViolationError,
            )
        except asyncpg.UniqueViolationError as error:
            raise ChainForked(f"chain {entries[0].chain} has one of these entries already") from error

    async def find(self, search: Search, before: int | None, limit: int) -> list[Entry]:
        """Return at most `limit` entries in places lower than `before`, the newest first."""
        wanted = (search.session_id, search.user_id, search.name, search.since, search.until, before)
        given = {part: value for part, value in zip(_WHERE, wanted, strict=True) if value is not None}
        rows = await self._fetch(statements.find(list(given)), *given.values(), limit)
        return [_from_row(row) for row in rows]

    async def chain(self, id: str, after: int, limit: int) -> list[Entry]:
        """Return at most `limit` entries of a chain with numbers greater than `after`, in order."""
        return [_from_row(row) for row in await self._fetch(statements.CHAIN, id, after, limit)]

    async def heads(self) -> list[Entry]:
        """Return the last entry of every chain."""
        return [_from_row(row) for row in await self._fetch(statements.HEADS)]

    async def forget(self, id: str, through: int) -> int:
        """Remove the entries of a chain up to a number; return how many."""
        ((count,),) = await self._fetch(statements.FORGET, id, through)
        return int(count)

    def take_notes(self) -> None:
        """Leave a note with each change of a session from now on."""
        self._takes_notes = True

    async def notes(self, limit: int) -> list[Note]:
        """Return at most `limit` notes, the oldest first."""
        return [Note(*row) for row in await self._fetch(statements.NOTES, limit)]


def _to_row(entry: Entry) -> tuple[str | None, ...]:
    # fmt: off
    return (
        entry.chain, str(entry.seq), entry.digest.hex(), entry.text.decode(),
        entry.name, repr(entry.at), entry.session_id, entry.user_id,
    )
    # fmt: on


def _from_row(row: Sequence[Any]) -> Entry:
    chain, seq, digest, text, name, at, session_id, user_id, place = row
    # fmt: off
    return Entry(
        chain=chain, seq=seq, digest=digest, text=text.encode(), name=name, at=at,
        session_id=session_id, user_id=user_id, place=place,
    )
    # fmt: on
