"""SqliteStore: reads where it is called, writes on one thread."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from coatcheck.core.change import Change
from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.core.moving import KeptRow
from coatcheck.core.overview import NEWEST, Page, Place, Sought
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Ending, Row, UserEntry
from coatcheck.stores.sqlite import noting, overview, sessions, small_rows
from coatcheck.stores.sqlite.bell import forks
from coatcheck.stores.sqlite.changes import Position
from coatcheck.stores.sqlite.connect import fault, prepare
from coatcheck.stores.sqlite.feed import follow
from coatcheck.stores.sqlite.keeping import SqliteLedger
from coatcheck.stores.sqlite.readers import Readers
from coatcheck.stores.sqlite.writer import Writer

ResultT = TypeVar("ResultT")
Ts = TypeVarTuple("Ts")


class SqliteStore(SqliteLedger):
    """A store in one file, for any number of processes and event loops on one machine.

    Nothing is opened before the first verb, so a store made before a fork can be used after it.
    A verb that writes returns after its commit has reached the disk. It has the skills
    `Rows`, `Scan`, `Overview`, `Feed`, `Doorbell`, `Movable`, `Ledger` and
    `Notes`.

    Args:
        path: The file; created with mode 0600 if it is missing. Its folder must exist.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()
        self._pid: int | None = None
        self._closed = False
        self._starting = threading.Lock()
        self._readers = Readers(self.path)
        self._create, self._save, self._end = sessions.create, sessions.save, sessions.end

    def check(self) -> None:
        """Create or migrate the file now, and leave nothing open.

        Raises:
            ConfigurationError: There is no such folder, or a newer library wrote the file.
            StoreUnavailable: It cannot be opened or written.
        """
        prepare(self.path)

    async def create(self, record: Record, user_version: int = 0, cap: Cap | None = None) -> tuple[str, ...]:
        """Store a new record; return the ids of sessions evicted to make room."""
        return await self._write(self._create, record, user_version, cap)

    async def load(self, id: str) -> Record | Tombstone | None:
        """Return the record, its tombstone, or None."""
        if self._pid != os.getpid():  # as in `_read`, but for two coroutines
            await asyncio.to_thread(self._start)
        return self._look(sessions.load, id)

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record; return it as it is now, or None if it is not alive."""
        return await self._write(self._save, id, change)

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Record activity: (id, seen_at) pairs, `seen_at` in seconds since the epoch."""
        await self._write(sessions.touch, touches)

    async def end(self, endings: Sequence[Ending]) -> int:
        """Replace records by tombstones; return how many were alive."""
        return await self._write(self._end, endings)

    async def delete(self, ids: Iterable[str]) -> int:
        """Remove rows for good."""
        return await self._write(sessions.delete, list(ids))

    async def user(self, user_id: str) -> UserEntry:
        """Return the user's version and the ids of their live sessions, oldest first."""
        return await self._read(sessions.user, user_id)

    async def bump(self, user_id: str) -> UserEntry:
        """Raise the user's version and return the entry."""
        return await self._write(sessions.bump, user_id)

    async def sweep(self, before: float, limit: int) -> int:
        """Delete at most `limit` rows that ended or expired before `before`; return how many."""
        return await self._write(_sweep, before, limit)

    async def row(self, key: str) -> Row | None:
        """Return the value under `key`, or None."""
        return await self._read(small_rows.get, key)

    async def put_row(self, key: str, value: bytes, *, expected: int, expires_at: float) -> bool:
        """Store a value if its version is still `expected` (0: absent)."""
        return await self._write(small_rows.put, key, Row(value, expected), expires_at)

    async def delete_row(self, key: str) -> None:
        """Remove the value; an absent key is fine."""
        await self._write(small_rows.delete, key)

    async def scan(self, after: str, limit: int) -> list[Record | Tombstone]:
        """Return at most `limit` rows with ids greater than `after`, in order; skips corrupt ones."""
        return await self._read(sessions.scan, after, limit)

    async def count_alive(self, now: float) -> int:
        """Return how many sessions have not ended, and expire later than `now` (seconds since the epoch)."""
        return await self._read_aside(overview.count_alive, now)

    async def newest(self, sought: Sought, place: Place = NEWEST, limit: int = 50) -> Page:
        """Return at most `limit` sessions that began before a place; skips corrupt ones."""
        return await self._read_aside(overview.newest, sought, place, limit)

    async def adopt(self, rows: Sequence[Record | Tombstone]) -> None:
        """Store each row that supersedes what is there."""
        await self._write(sessions.adopt, rows)

    async def hand_over(self, id: str, rev: int, at: float) -> bool:
        """Replace a record by a tombstone `moved` if its revision is still `rev`."""
        return await self._write(sessions.hand_over, id, rev, at)

    async def set_version(self, user_id: str, version: int, *, expected: int) -> bool:
        """Set the user's version if it is still `expected`."""
        return await self._write(sessions.set_version, user_id, version, expected)

    async def scan_rows(self, after: str, limit: int) -> list[KeptRow]:
        """Return at most `limit` small rows with keys greater than `after`, in order."""
        return await self._read(small_rows.scan, after, limit)

    def take_notes(self) -> None:
        """Leave a note with each change of a session from now on."""
        self._create, self._save, self._end = noting.create, noting.save, noting.end

    async def feed(self) -> AsyncGenerator[tuple[str, ...], None]:
        """Yield the ids of sessions that were created, saved or ended, in whichever process."""
        await self._ready()
        async with aclosing(follow(self.path, lambda: self._closed)) as changes:
            async for ids in changes:
                yield ids

    def doorbell(self) -> Callable[[], tuple[str, ...]]:
        """Return a function that tells which sessions changed since it was called last."""
        self._start()
        pid, generation = self._pid, len(forks)
        try:
            connection = self._readers.open()
            position = Position(connection, self.path)
        except sqlite3.Error as error:
            raise fault(error, self.path) from error

        def news() -> tuple[str, ...]:
            if self._pid != pid or len(forks) != generation:
                raise StoreUnavailable("the store is closed", remedy="Open it again")
            try:
                return position.news()
            except (sqlite3.Error, StoreUnavailable) as error:
                self._readers.let_go(connection)
                raise error if isinstance(error, StoreUnavailable) else fault(error, self.path) from error

        return news

    async def close(self) -> None:
        """Write what was accepted, then close every connection."""
        if await asyncio.to_thread(self._stop):
            await self._writer.close()
            await asyncio.to_thread(self._readers.close)

    async def _read(self, work: Callable[[sqlite3.Connection, *Ts], ResultT], *args: *Ts) -> ResultT:
        await self._ready()
        return self._look(work, *args)

    async def _read_aside(self, work: Callable[[sqlite3.Connection, *Ts], ResultT], *args: *Ts) -> ResultT:
        """Read on another thread: what takes longer than a request can be kept waiting for."""
        await self._ready()

        def look() -> ResultT:
            with self._readers.aside():
                return self._look(work, *args)

        return await asyncio.to_thread(look)

    def _look(self, work: Callable[[sqlite3.Connection, *Ts], ResultT], *args: *Ts) -> ResultT:
        try:
            return work(self._readers.get(), *args)
        except sqlite3.Error as error:
            raise fault(error, self.path) from error

    async def _write(self, work: Callable[[sqlite3.Connection, *Ts], ResultT], *args: *Ts) -> ResultT:
        await self._ready()
        return await self._writer.write(work, *args)

    async def _ready(self) -> None:
        if self._pid != os.getpid():
            await asyncio.to_thread(self._start)

    def _start(self) -> None:
        with self._starting:
            if self._closed:
                raise StoreUnavailable("the store is closed", remedy="Open it again")
            if self._pid == os.getpid():
                return
            if self._pid is not None:
                raise ConfigurationError(
                    f"{self.path} was opened before this process was forked",
                    remedy="Open the store after the fork, once in each worker",
                )
            self.check()
            self._writer = Writer(self.path)
            self._pid = os.getpid()

    def _stop(self) -> bool:
        """Let nobody start any more; return whether this process had."""
        with self._starting:
            self._closed = True
            started, self._pid = self._pid == os.getpid(), None
        return started


def _sweep(connection: sqlite3.Connection, before: float, limit: int) -> int:
    swept = sessions.sweep(connection, before, limit)
    return swept + small_rows.sweep(connection, before, limit - swept)
