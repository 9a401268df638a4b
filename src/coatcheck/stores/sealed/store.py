"""SealedStore: session data lie encrypted in whatever store is behind it."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TypeVar
from weakref import WeakValueDictionary

import msgspec

from coatcheck.core import change as changes
from coatcheck.core import codec
from coatcheck.core.change import Change, DataChange
from coatcheck.core.errors import CorruptRecord, StaleData, StoreUnavailable
from coatcheck.core.ledger import Ledger, Notes
from coatcheck.core.overview import NEWEST, Overview, Page, Place, Sought
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Doorbell, Ending, EngineClock, Feed, Rows, Scan, Store, UserEntry
from coatcheck.stores.per_loop import PerLoop
from coatcheck.stores.sealed import values
from coatcheck.stores.sealed.sealer import Sealer
from coatcheck.stores.skills import pass_on

RowT = TypeVar("RowT", bound=Record | Tombstone | None)

ATTEMPTS = 1_000  # to change a value that others change as well; somebody succeeds each time


class SealedStore:
    """A store in front of another, which seals each value of session data for its session and its key.

    Values that lie in the clear are read as they are, and sealed when they are written next. What is sealed
    with a key that is not here is handed out sealed, and told where somebody looks at it. Keys' names,
    identities and devices are not sealed. It has the skills `Rows`, `Scan`, `Overview`, `EngineClock`,
    `Ledger`, `Notes`, `Feed` and `Doorbell` where the inner store has them, and remembers nothing: a
    `NearStore` belongs in front of it.

    Args:
        inner: Gets to see nothing but what is sealed.
        sealer: Its newest key seals, all of them open.

    Attributes:
        inner: The store behind it.
        sealer: Seals and opens.
    """

    def __init__(self, inner: Store, sealer: Sealer) -> None:
        self.inner: Store = inner
        self.sealer = sealer
        self._turns = PerLoop(WeakValueDictionary[str, asyncio.Lock])  # each is gone with its last writer
        pass_on(self, inner, Rows, EngineClock, Ledger, Notes, Feed, Doorbell)
        # On the instance, as `pass_on` does it.
        if isinstance(inner, Scan):
            self._walk = inner.scan
            vars(self)["scan"] = self._scan
        if isinstance(inner, Overview):
            self._page = inner.newest
            vars(self).update(count_alive=inner.count_alive, newest=self._newest)

    async def create(self, record: Record, user_version: int = 0, cap: Cap | None = None) -> tuple[str, ...]:
        """Store a new record; return the ids of sessions evicted to make room."""
        return await self.inner.create(values.seal_record(self.sealer, record), user_version, cap)

    async def load(self, id: str) -> Record | Tombstone | None:
        """Return the record, its tombstone, or None."""
        return self._opened(await self.inner.load(id))

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record; return it as it is now, or None if it is not alive.

        What is set is merged by the inner store as ever. What is added to a number, or needs a value to be
        there, is worked out here and counts if the value is still the one that was read; else once more.

        Raises:
            StaleData: Other data are stored than the change is given.
            KeyMissing: What is added to is sealed with a key that is not here.
            StoreUnavailable: Others are faster, time and again.
        """
        data = change.data
        if not data.increments and not data.given:
            return await self._save(id, change, self._sealed(id, data))
        async with self._turn(id):
            for _ in range(ATTEMPTS):
                found = await self.inner.load(id)
                if not isinstance(found, Record):
                    return None
                worked_out = self._worked_out(found, data)
                with suppress(StaleData):
                    return await self._save(id, change, worked_out)
        raise StoreUnavailable(
            f"a number in session {id} changes faster than it can be added to",
            remedy="Count elsewhere what so many requests of one session add to",
        )

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Record activity: (id, seen_at) pairs, `seen_at` in seconds since the epoch."""
        await self.inner.touch(touches)

    async def end(self, endings: Sequence[Ending]) -> int:
        """Replace records by tombstones; return how many were alive."""
        return await self.inner.end(endings)

    async def delete(self, ids: Iterable[str]) -> int:
        """Remove rows for good."""
        return await self.inner.delete(ids)

    async def user(self, user_id: str) -> UserEntry:
        """Return the user's version and the ids of their live sessions, oldest first."""
        return await self.inner.user(user_id)

    async def bump(self, user_id: str) -> UserEntry:
        """Raise the user's version and return the entry."""
        return await self.inner.bump(user_id)

    async def sweep(self, before: float, limit: int) -> int:
        """Delete at most `limit` rows that ended or expired before `before`; return how many."""
        return await self.inner.sweep(before, limit)

    async def close(self) -> None:
        """Close the inner store."""
        await self.inner.close()

    def _turn(self, id: str) -> asyncio.Lock:
        """Return what writers of one session take turns by: else each would make the others try again."""
        turns = self._turns.get()
        turn = turns.get(id)
        if turn is None:
            turn = turns[id] = asyncio.Lock()
        return turn

    async def _scan(self, after: str, limit: int) -> list[Record | Tombstone]:
        """Return at most `limit` rows with ids greater than `after`, in order; skips corrupt ones."""
        opened: list[Record | Tombstone] = []
        while len(opened) < limit and (page := await self._walk(after, limit - len(opened))):
            after = page[-1].id
            for row in page:
                with suppress(CorruptRecord):
                    opened.append(self._opened(row))
        return opened

    async def _newest(self, sought: Sought, place: Place = NEWEST, limit: int = 50) -> Page:
        """Return at most `limit` sessions that began before a place; skips corrupt ones."""
        page = await self._page(sought, place, limit)
        opened: list[Record] = []
        for record in page.records:
            with suppress(CorruptRecord):
                opened.append(values.unseal_record(self.sealer, record))
        return Page(tuple(opened), page.rest)

    async def _save(self, id: str, change: Change, data: DataChange) -> Record | None:
        return self._opened(await self.inner.save(id, msgspec.structs.replace(change, data=data)))

    def _sealed(self, id: str, data: DataChange) -> DataChange:
        return msgspec.structs.replace(data, sets=values.seal(self.sealer, id, data.sets)) if data else data

    def _worked_out(self, found: Record, data: DataChange) -> DataChange:
        """Return a change that counts where just this is still stored: sums in place of what is added."""
        stored = codec.split(found.data)
        given = {key: stored.get(key) for key in (*data.increments, *data.given)}
        present = {key: value for key, value in given.items() if value is not None}
        plain = codec.join(values.unseal(self.sealer, found.id, present))
        needed = DataChange(increments=data.increments, given=data.given)
        merged = codec.split(changes.merge(plain, needed))
        sums = {key: merged[key] for key in data.increments}
        sets = values.seal(self.sealer, found.id, {**data.sets, **sums})
        return DataChange(sets=sets, deletes=data.deletes, given=given)

    def _opened(self, row: RowT) -> RowT | Record:
        return values.unseal_record(self.sealer, row) if isinstance(row, Record) else row
