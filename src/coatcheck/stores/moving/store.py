"""MovingStore: what an app opens while its sessions move from one store to another."""

from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack

from coatcheck.core.change import Change
from coatcheck.core.errors import ConfigurationError, SessionExists, StaleUser
from coatcheck.core.ledger import Ledger, Notes
from coatcheck.core.moving import Movable, has_moved, is_sealed
from coatcheck.core.overview import Overview
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Ending, EngineClock, Rows, Scan, Store, UserEntry
from coatcheck.stores.moving.overview import BothSides
from coatcheck.stores.moving.remembered import Remembered
from coatcheck.stores.moving.small_rows import MovingRows
from coatcheck.stores.moving.steps import Side, move_user
from coatcheck.stores.skills import pass_on


class MovingStore(MovingRows):
    """A target with the source behind it: each session is read and written where it is.

    Until the walk begins (`coatcheck migrate`) everything is the source's, so workers that know the source
    alone may still run. It has the skills `Rows` and `Scan`, `Overview` where both have it,
    and the target's clock, `Ledger` and `Notes`: what happens from now on is in the target's ledger.

    Args:
        target: Where the sessions will be.
        source: Where they were.

    Raises:
        ConfigurationError: Sessions cannot be moved to or from one of them.
    """

    def __init__(self, target: Store, source: Store) -> None:
        super().__init__(_side(target), _side(source))
        self._arrived = Remembered()  # sessions that are known to be the target's
        self._users = Remembered()
        pass_on(self, target, EngineClock, Ledger, Notes)
        if isinstance(target, Overview) and isinstance(source, Overview):
            both = BothSides(target, source)
            vars(self).update(count_alive=both.count_alive, newest=both.newest)

    async def create(self, record: Record, user_version: int = 0, cap: Cap | None = None) -> tuple[str, ...]:
        """Store a new record; return the ids of sessions evicted to make room."""
        if not await self.has_begun():
            try:
                return await self.source.create(record, user_version, cap)
            except StaleUser:
                if not await self._is_sealed(record.user_id or ""):
                    raise
        elif await self.source.load(record.id) is not None:
            raise SessionExists(f"session {record.id} exists or has ended")
        if record.user_id is not None:
            await self._take_user(record.user_id)
        evicted = await self.target.create(record, user_version, cap)
        self._arrived.add(record.id)
        return evicted

    async def load(self, id: str) -> Record | Tombstone | None:
        """Return the record, its tombstone, or None."""
        if id not in self._arrived:
            found = await self.source.load(id)
            if found is not None and not has_moved(found):
                return found
        found = await self.target.load(id)
        if found is None or has_moved(found):
            return None
        self._arrived.add(id)
        return found

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record; return it as it is now, or None if it is not alive."""
        if id not in self._arrived:
            if saved := await self.source.save(id, change):
                return saved
            if not await self._is_the_targets(id):
                return None
        return await self.target.save(id, change)

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Record activity: (id, seen_at) pairs, `seen_at` in seconds since the epoch."""
        elsewhere = [touch for touch in touches if touch[0] not in self._arrived]
        if elsewhere:
            await self.source.touch(elsewhere)
        there = [touch for touch in touches if await self._is_the_targets(touch[0])]
        if there:
            await self.target.touch(there)

    async def end(self, endings: Sequence[Ending]) -> int:
        """Replace records by tombstones; return how many were alive."""
        return sum([await self._end(ending) for ending in endings])

    async def delete(self, ids: Iterable[str]) -> int:
        """Remove rows for good."""
        count = 0
        for id in ids:
            there, here = await self.target.delete([id]), await self.source.delete([id])
            count += bool(there or here)
        return count

    async def user(self, user_id: str) -> UserEntry:
        """Return the user's version and the ids of their live sessions, oldest first."""
        if not await self.has_begun():
            entry = await self.source.user(user_id)
            if not is_sealed(entry.version):
                return entry
        await self._take_user(user_id)
        return await self.target.user(user_id)

    async def bump(self, user_id: str) -> UserEntry:
        """Raise the user's version and return the entry."""
        if not (await self.has_begun() or await self._is_sealed(user_id)):
            entry = await self.source.bump(user_id)
            if not is_sealed(entry.version):
                return entry
        await self._take_user(user_id)
        return await self.target.bump(user_id)

    async def sweep(self, before: float, limit: int) -> int:
        """Delete at most `limit` rows that ended or expired before `before`; return how many, in both.

        The source comes first: what is swept from the target is then in neither.
        """
        swept = await self.source.sweep(before, limit)
        return swept + await self.target.sweep(before, limit - swept) if swept < limit else swept

    async def scan(self, after: str, limit: int) -> list[Record | Tombstone]:
        """Return at most `limit` rows with ids greater than `after`, in order; skips corrupt ones."""
        while True:
            here, there = await self.source.scan(after, limit), await self.target.scan(after, limit)
            rows = {row.id: row for row in (*there, *here) if not has_moved(row)}
            ends = [page[-1].id for page in (here, there) if len(page) == limit]
            seen = sorted(id for id in rows if not ends or id <= min(ends))
            if seen or not ends:
                return [rows[id] for id in seen[:limit]]
            after = min(ends)

    async def close(self) -> None:
        """Close both stores."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.source.close)
            stack.push_async_callback(self.target.close)

    async def _is_the_targets(self, id: str) -> bool:
        """Tell whether the source has nothing to say of a session."""
        if id in self._arrived:
            return True
        found = await self.source.load(id)
        return found is None or has_moved(found)

    async def _is_sealed(self, user_id: str) -> bool:
        return is_sealed((await self.source.user(user_id)).version)

    async def _end(self, ending: Ending) -> int:
        if ending.id in self._arrived:
            return await self.target.end([ending])
        ended = await self.source.end([ending])
        found = await self.source.load(ending.id)
        if isinstance(found, Tombstone) and found.family_digest and not has_moved(found):
            await self.target.adopt([found])  # to a copy, or to none that may come later
            return ended
        return await self.target.end([ending]) or ended

    async def _take_user(self, user_id: str) -> None:
        if user_id not in self._users:
            await move_user(self.source, self.target, user_id)
            self._users.add(user_id)


def _side(store: Store) -> Side:
    if not (isinstance(store, Movable) and isinstance(store, Rows) and isinstance(store, Scan)):
        raise ConfigurationError(
            f"sessions cannot be moved to or from a {type(store).__name__}",
            remedy="Give it the skills Movable, Rows and Scan",
        )
    return store
