"""The verbs on sessions, each a script that is atomic in the one slot where a session lives."""

from collections.abc import Iterable, Sequence

from coatcheck.core import codec, noting
from coatcheck.core.change import Change
from coatcheck.core.errors import CorruptRecord, DataTooLarge, StaleData, StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Ending
from coatcheck.stores.redis import scripts, values
from coatcheck.stores.redis.changes import Increments, arguments
from coatcheck.stores.redis.keys import Keys, session_bucket
from coatcheck.stores.redis.link import Link
from coatcheck.stores.redis.scripts import Argument, Call

ATTEMPTS = 1_000  # to add to a number that others add to as well; somebody succeeds each time


class Sessions:
    """Sessions and their tombstones, without the index of their users.

    Args:
        link: Reaches the servers.
        keys: Names of keys.
        retention: Seconds after which Redis itself drops what is over.

    Attributes:
        takes_notes: What changes a session leaves a note.
    """

    def __init__(self, link: Link, keys: Keys, retention: float) -> None:
        self._link = link
        self._keys = keys
        self._retention = retention
        self.takes_notes = False

    async def create(self, record: Record) -> bool:
        """Store a new record; False if the id is taken or has ended."""
        args = (
            record.id,
            values.to_value(record),
            record.expires_at,
            self._retention,
            self._channel(record.id),
            record.created_at,
            *self._noted(noting.created(record).key, record.user_id or ""),
        )
        return bool(await self._link.run(Call(scripts.CREATE, self._of(record.id), args)))

    async def withdraw(self, record: Record) -> None:
        """Take back what `create` stored, unless it has ended meanwhile."""
        noted = self._noted(noting.created(record).key)
        args = (record.id, values.to_value(record), self._channel(record.id), *noted)
        await self._link.run(Call(scripts.WITHDRAW, self._of(record.id), args))

    async def load(self, id: str) -> Record | Tombstone | None:
        """Return the record, its tombstone, or None."""
        value = await self._link.command("GET", self._keys.session(id))
        return None if value is None else values.from_value(id, value)

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record; return it as it is now, or None if it is not alive."""
        increments = Increments(change.data)
        for _ in range(ATTEMPTS):
            settings = (id, self._retention, self._channel(id), codec.MAX_DATA_BYTES)
            args = (*settings, *arguments(change, increments), *self._noted(*_notes(id, change)))
            verdict, *found = await self._link.run(Call(scripts.SAVE, self._of(id), args))
            match verdict:
                case b"saved":
                    return values.record(id, found[0])
                case b"gone":
                    return None
                case b"corrupt":
                    raise CorruptRecord(f"session {id} cannot be read")
                case b"stale":
                    raise StaleData(f"other data are stored in session {id}")
                case b"large":
                    raise DataTooLarge(f"session data is {found[0]} bytes, more than {codec.MAX_DATA_BYTES}")
            increments.add_to(found)
        raise StoreUnavailable(
            f"a number in session {id} changes faster than it can be added to",
            remedy="Count elsewhere what so many requests of one session add to",
        )

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Record activity: (id, seen_at) pairs, `seen_at` in seconds since the epoch."""
        await self._link.run_all(
            [Call(scripts.TOUCH, self._of(id), (id, seen_at, self._retention)) for id, seen_at in touches]
        )

    async def end(self, endings: Sequence[Ending]) -> list[bool]:
        """Replace records by tombstones; tell of each whether it was alive."""
        calls = [self._ending(ending) for ending in endings]
        return [bool(alive) for alive in await self._link.run_all(calls, replicated=True)]

    async def hand_over(self, id: str, rev: int, at: float) -> bool:
        """Replace a record by a tombstone `moved` if its revision is still `rev`."""
        [moved] = await self._link.run_all([self._ending(Ending(id, Reason.MOVED, at), rev)], replicated=True)
        return bool(moved)

    async def adopt(self, rows: Sequence[Record | Tombstone]) -> None:
        """Store each row that supersedes what is there; a row that cannot be read has to be ended first."""
        calls = [
            Call(
                scripts.ADOPT,
                self._of(row.id),
                (row.id, values.to_value(row), values.due(row), self._retention, self._channel(row.id))
                + ((row.created_at,) if isinstance(row, Record) else ()),
            )
            for row in rows
        ]
        for row, adopted in zip(rows, await self._link.run_all(calls), strict=True):
            if adopted is None:
                raise CorruptRecord(f"session {row.id} cannot be read")

    async def delete(self, ids: Iterable[str]) -> int:
        """Remove rows for good."""
        calls = [
            Call(scripts.REMOVE, (*self._keys.indexes(session_bucket(id)), self._keys.session(id)), ("", id))
            for id in ids
        ]
        return sum(await self._link.run_all(calls))

    async def owners(self, ids: Sequence[str]) -> list[tuple[bytes, bytes] | None]:
        """Return of each whose it is, and its deadline; empty if it cannot be read, None if not alive."""
        found = await self._link.run_all([Call(scripts.LOOK, (self._keys.session(id),)) for id in ids])
        return [tuple(each) if each else None for each in found]

    def _channel(self, id: str) -> str:
        return self._keys.channel(session_bucket(id))

    def _ending(self, ending: Ending, rev: int | None = None) -> Call:
        told = (self._retention, self._channel(ending.id), "" if rev is None else rev)
        note = noting.ended(ending, None)
        noted = self._noted(note.key if note else "")
        return Call(scripts.END, self._of(ending.id), (ending.id, ending.reason, ending.at, *told, *noted))

    def _noted(self, *parts: Argument) -> tuple[Argument, ...]:
        return parts if self.takes_notes else ()

    def _of(self, id: str) -> tuple[str, ...]:
        bucket = session_bucket(id)
        keys = (self._keys.session(id), *self._keys.indexes(bucket))
        return (*keys, self._keys.notes(bucket)) if self.takes_notes else keys


def _notes(id: str, change: Change) -> tuple[Argument, ...]:
    """Return the key of the note about a commit, its moment, and the key of the one about new facts."""
    commit = noting.moved_on(id, change, None)
    facts = noting.updated(change.identity).key if change.identity else ""
    return (commit.key, commit.at, facts) if commit else ("", "", facts)
