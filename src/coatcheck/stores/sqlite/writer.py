"""The one thread that writes: many verbs, one transaction, one wait for the disk."""

import asyncio
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar, TypeVarTuple

from coatcheck.core.errors import StoreUnavailable
from coatcheck.stores.sqlite.connect import Moved, connect, fault, file_at

ResultT = TypeVar("ResultT")
Ts = TypeVarTuple("Ts")
Work = Callable[[sqlite3.Connection], Any]

MOST_VERBS_IN_A_COMMIT = 256


class _Job:
    """What somebody waits for, and what came of it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: Exception | None = None

    def resolve(self) -> None:
        """Wake who waits; runs on their event loop."""
        if self.future.done():  # the waiting task was cancelled; the write counts all the same
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class _Verb(_Job):
    """A verb, which waits for its commit."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work


class _Stop(_Job):
    """The last job: nothing is accepted after it."""


class Writer:
    """Takes what is queued, writes it in one transaction, and answers after the commit.

    It stays with the file that it found: one that takes its name later is unknown to the readers.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = file_at(path)
        self._queue: SimpleQueue[_Verb | _Stop] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._connection: sqlite3.Connection | None = None
        # A daemon: a program that forgets to close the store must still be able to stop.
        self._thread = threading.Thread(target=self._run, name="coatcheck-sqlite-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[sqlite3.Connection, *Ts], ResultT], *args: *Ts) -> ResultT:
        """Run a verb in the next transaction; return once it is committed.

        Raises:
            StoreUnavailable: It could not be written, or the store is closed.
        """
        result: ResultT = await self._enqueue(_Verb(lambda connection: work(connection, *args))).future
        return result

    async def close(self) -> None:
        """Write what was accepted, then stop."""
        with suppress(StoreUnavailable):  # closed before
            await self._enqueue(_Stop()).future
        self._thread.join()

    def _enqueue(self, job: _Verb | _Stop) -> _Job:
        with self._lock:
            if self._closed:
                raise StoreUnavailable("the store is closed", remedy="Open it again")
            self._closed = isinstance(job, _Stop)
            self._queue.put(job)
        return job

    def _run(self) -> None:
        stop = None
        while stop is None:
            batch, stop = self._take()
            if batch:
                self._commit(batch)
                _answer(batch)
        if self._connection:
            self._connection.close()
        _answer([stop])

    def _take(self) -> tuple[list[_Verb], _Stop | None]:
        """Wait for a job, and take those behind it: the verbs of one commit, and what stops the thread."""
        batch: list[_Verb] = []
        job = self._queue.get()
        with suppress(Empty):
            while isinstance(job, _Verb):
                batch.append(job)
                if len(batch) == MOST_VERBS_IN_A_COMMIT:
                    return batch, None
                job = self._queue.get_nowait()
            return batch, job
        return batch, None

    def _commit(self, batch: list[_Verb]) -> None:
        try:
            connection = self._connection = self._connection or connect(self._path)
            connection.execute("BEGIN IMMEDIATE")
            for job in batch:
                _run_alone(connection, job, self._path)
            self._require_file()
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - a thread that died would leave everybody waiting
            cause = Moved() if self._is_moved() else error
            for job in batch:
                job.error = fault(cause, self._path)
            self._reconnect()

    def _is_moved(self) -> bool:
        return file_at(self._path) != self._file

    def _require_file(self) -> None:
        if self._is_moved():
            raise Moved  # nobody would ever find what is written

    def _reconnect(self) -> None:
        """Let go of a connection that failed: closing it undoes what it had not committed."""
        if self._connection:
            self._connection.close()
        self._connection = None


def _run_alone(connection: sqlite3.Connection, job: _Verb, path: Path) -> None:
    """Run one verb so that its failure undoes nobody else's; where the file itself fails, all do."""
    connection.execute("SAVEPOINT verb")
    try:
        job.result = job.work(connection)
    except Exception as error:
        # It is open for reading only, say; a full disk has undone the whole transaction.
        if isinstance(error, sqlite3.OperationalError) or not connection.in_transaction:
            raise
        job.error = fault(error, path) if isinstance(error, sqlite3.Error) else error
        connection.execute("ROLLBACK TO verb")
    connection.execute("RELEASE verb")


def _answer(jobs: Sequence[_Job]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = defaultdict(list)
    for job in jobs:
        by_loop[job.loop].append(job)
    for loop, theirs in by_loop.items():
        with suppress(RuntimeError):  # that loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve_all, theirs)


def _resolve_all(jobs: list[_Job]) -> None:
    for job in jobs:
        job.resolve()
