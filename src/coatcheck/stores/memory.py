"""Records in this process's memory: for tests, for development, and to measure everything else by."""

import heapq
import itertools
from collections.abc import AsyncGenerator, Iterable, Sequence

from coatcheck.core import change as changes
from coatcheck.core.change import Change
from coatcheck.core.errors import SessionExists, StaleUser, StoreUnavailable
from coatcheck.core.moving import KeptRow, supersedes
from coatcheck.core.overview import NEWEST, Page, Place, Sought
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import ABSENT, Absent, Cap, Ending, Row, UserEntry
from coatcheck.stores.due import DueQueue
from coatcheck.stores.listeners import Listeners
from coatcheck.stores.memory_ledger import MemoryLedger


class MemoryStore(MemoryLedger):
    """A store that lives and dies with its process.

    No verb suspends, so each is one atomic step of the event loop it runs in. It is not for several
    event loops, and not for several processes. It has the skills `Rows`, `Scan`, `Overview`, `Feed`,
    `Movable`, `Cached` and `Ledger`. A count and a page look at all sessions.
    """

    staleness = 0.0

    def __init__(self) -> None:
        super().__init__()
        self._sessions: dict[str, Record | Tombstone] = {}
        self._sessions_due = DueQueue()
        self._ids: dict[str, dict[str, None]] = {}
        self._versions: dict[str, int] = {}
        self._rows: dict[str, Row] = {}
        self._rows_due = DueQueue()
        self._row_versions = itertools.count(1)
        self._listeners = Listeners()

    async def create(self, record: Record, user_version: int = 0, cap: Cap | None = None) -> tuple[str, ...]:
        """Store a new record; return the ids of sessions evicted to make room."""
        if record.id in self._sessions:
            raise SessionExists(f"session {record.id} exists or has ended")
        evicted: tuple[str, ...] = ()
        if (user_id := record.user_id) is not None:
            if self._versions.get(user_id, 0) != user_version:
                raise StaleUser(f"user {user_id} changed during sign-in")
            if cap:
                evicted = cap.surplus(self._unexpired(user_id, record.created_at))
        for id in evicted:
            self._end(Ending(id, Reason.EVICTED, record.created_at))
        self._put(record)
        self._listeners.tell((record.id,))
        return evicted

    async def load(self, id: str) -> Record | Tombstone | None:
        """Return the record, its tombstone, or None."""
        return self._sessions.get(id)

    def recall(self, id: str) -> Record | Absent | None:
        """Return the record itself: all of it is in this process's memory."""
        found = self._sessions.get(id)
        if isinstance(found, Record):
            return found
        return ABSENT if found is None else None

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record; return it as it is now, or None if it is not alive."""
        record = self._sessions.get(id)
        if not isinstance(record, Record):
            return None
        saved = changes.apply(record, change)
        self._put(saved)
        self._listeners.tell((id,))
        return saved

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Record activity: (id, seen_at) pairs, `seen_at` in seconds since the epoch."""
        for id, seen_at in touches:
            record = self._sessions.get(id)
            if isinstance(record, Record) and (touched := record.touched(seen_at)):
                self._put(touched)

    async def end(self, endings: Sequence[Ending]) -> int:
        """Replace records by tombstones; return how many were alive."""
        return sum(self._end(ending) for ending in endings)

    async def delete(self, ids: Iterable[str]) -> int:
        """Remove rows for good."""
        return sum(self._remove(id) for id in ids)

    async def user(self, user_id: str) -> UserEntry:
        """Return the user's version and the ids of their live sessions, oldest first."""
        ids = tuple(record.id for record in self._live(user_id))
        return UserEntry(version=self._versions.get(user_id, 0), ids=ids)

    async def bump(self, user_id: str) -> UserEntry:
        """Raise the user's version and return the entry."""
        self._versions[user_id] = self._versions.get(user_id, 0) + 1
        return await self.user(user_id)

    async def sweep(self, before: float, limit: int) -> int:
        """Delete at most `limit` rows that ended or expired before `before`; return how many."""
        ids = self._sessions_due.take(before, limit)
        for id in ids:
            self._remove(id)
        keys = self._rows_due.take(before, limit - len(ids))
        for key in keys:
            del self._rows[key]
        return len(ids) + len(keys)

    async def row(self, key: str) -> Row | None:
        """Return the value under `key`, or None."""
        return self._rows.get(key)

    async def put_row(self, key: str, value: bytes, *, expected: int, expires_at: float) -> bool:
        """Store a value if its version is still `expected` (0: absent)."""
        current = self._rows.get(key)
        if expected != (current.version if current else 0):
            return False
        self._rows[key] = Row(value, next(self._row_versions))
        self._rows_due.put(key, expires_at)
        return True

    async def delete_row(self, key: str) -> None:
        """Remove the value; an absent key is fine."""
        if self._rows.pop(key, None):
            self._rows_due.discard(key)

    async def scan(self, after: str, limit: int) -> list[Record | Tombstone]:
        """Return at most `limit` rows with ids greater than `after`, in order."""
        ids = heapq.nsmallest(limit, (id for id in self._sessions if id > after))
        return [self._sessions[id] for id in ids]

    async def count_alive(self, now: float) -> int:
        """Return how many sessions have not ended, and expire later than `now` (seconds since the epoch)."""
        return sum(isinstance(row, Record) and row.expires_at > now for row in self._sessions.values())

    async def newest(self, sought: Sought, place: Place = NEWEST, limit: int = 50) -> Page:
        """Return at most `limit` sessions that began before a place."""
        records = (row for row in self._sessions.values() if isinstance(row, Record))
        found = (record for record in records if Place.of(record) < place and sought.finds(record))
        shown = tuple(heapq.nlargest(limit, found, key=Place.of))
        return Page(shown, Place.of(shown[-1]) if len(shown) == limit else None)

    async def adopt(self, rows: Sequence[Record | Tombstone]) -> None:
        """Store each row that supersedes what is there."""
        for row in rows:
            if supersedes(row, self._sessions.get(row.id)):
                self._put(row)
                self._listeners.tell((row.id,))

    async def hand_over(self, id: str, rev: int, at: float) -> bool:
        """Replace a record by a tombstone `moved` if its revision is still `rev`."""
        row = self._sessions.get(id)
        return isinstance(row, Record) and row.rev == rev and self._end(Ending(id, Reason.MOVED, at))

    async def set_version(self, user_id: str, version: int, *, expected: int) -> bool:
        """Set the user's version if it is still `expected`."""
        if self._versions.get(user_id, 0) != expected:
            return False
        self._versions[user_id] = version
        return True

    async def scan_rows(self, after: str, limit: int) -> list[KeptRow]:
        """Return at most `limit` small rows with keys greater than `after`, in order."""
        keys = heapq.nsmallest(limit, (key for key in self._rows if key > after))
        kept = ((key, self._rows[key], self._rows_due.due(key)) for key in keys)
        return [KeptRow(key, row.value, row.version, expires_at) for key, row, expires_at in kept]

    def feed(self) -> AsyncGenerator[tuple[str, ...], None]:
        """Yield the ids of sessions that were created, saved or ended."""
        return self._listeners.listen()

    async def close(self) -> None:
        """Let go of who listens."""
        self._listeners.cut(StoreUnavailable("the store is closed", remedy="Open it again"))

    def _put(self, row: Record | Tombstone) -> None:
        before = self._sessions.get(row.id)
        self._sessions[row.id] = row
        self._sessions_due.put(row.id, row.expires_at if isinstance(row, Record) else row.at)
        was, now = _owner(before), _owner(row)
        if was != now:
            self._disown(was, row.id)
            if now is not None:
                self._ids.setdefault(now, {})[row.id] = None

    def _end(self, ending: Ending) -> bool:
        row = self._sessions.get(ending.id)
        if isinstance(row, Tombstone):
            return False
        self._put(
            row.entomb(ending.reason, ending.at)
            if row
            else Tombstone(id=ending.id, reason=ending.reason, at=ending.at)
        )
        self._listeners.tell((ending.id,))
        return row is not None

    def _remove(self, id: str) -> bool:
        row = self._sessions.pop(id, None)
        self._disown(_owner(row), id)
        self._sessions_due.discard(id)
        return row is not None

    def _disown(self, user_id: str | None, id: str) -> None:
        if user_id is not None and (ids := self._ids.get(user_id)):
            ids.pop(id, None)
            if not ids:
                del self._ids[user_id]

    def _live(self, user_id: str) -> list[Record]:
        rows = (self._sessions[id] for id in self._ids.get(user_id, ()))
        return sorted((row for row in rows if isinstance(row, Record)), key=lambda record: record.created_at)

    def _unexpired(self, user_id: str, now: float) -> list[str]:
        return [record.id for record in self._live(user_id) if record.expires_at >= now]


def _owner(row: Record | Tombstone | None) -> str | None:
    """Return the user whose index the row belongs to."""
    return row.user_id if isinstance(row, Record) else None
