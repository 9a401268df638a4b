"""PooledPostgresStore: each verb is one statement, run outside of any transaction."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

import asyncpg

from coatcheck.core.change import Change
from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.core.errors import (
    CorruptRecord,
    DataNotSerializable,
    DataTooLarge,
    SessionExists,
    StaleData,
    StaleUser,
    TooManySessions,
)
from coatcheck.core.moving import KeptRow
from coatcheck.core.overview import NEWEST, Page, Place, Sought
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Ending, Row, UserEntry
from coatcheck.stores.postgres import changing, noting, overview, statements
from coatcheck.stores.postgres.ledger import PostgresLedger
from coatcheck.stores.postgres.opening import TIMEOUT, connections_to
from coatcheck.stores.postgres.rows import from_row, to_record, to_values
from coatcheck.stores.postgres.schema import SESSIONS

# What the database refuses of a change: a sum beyond all numbers, more data than fit, data that moved.
_REFUSED = (
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.TriggeredDataChangeViolationError,
)


class PooledPostgresStore(PostgresLedger):
    """A store in a PostgreSQL database, for any number of machines; a pooler may stand in front.

    Nothing is opened before the first verb, so a store made before a fork can be used after it. It has
    the skills `Rows`, `Scan`, `Overview`, `Movable`, `EngineClock`, `Ledger` and `Notes`.

    Args:
        database: A URL, or the app's own pool, whose connections are used for one statement at a time.
        timeout: Seconds that a verb may take.
        entropy: Spreads the tries to reconnect to a server that is gone.

    Raises:
        ConfigurationError: The URL is none.
    """

    def __init__(
        self, database: str | asyncpg.Pool, *, timeout: float = TIMEOUT, entropy: Entropy | None = None
    ) -> None:
        self._connections = connections_to(database, SESSIONS, timeout, entropy or SystemEntropy())
        self._fetch, self._tell = self._connections.fetch, self._connections.tell

    async def create(self, record: Record, user_version: int = 0, cap: Cap | None = None) -> tuple[str, ...]:
        """Store a new record; return the ids of sessions evicted to make room."""
        limits = (user_version, cap.limit if cap else None, cap is not None and cap.on_full == "deny")
        statement, also = noting.creating(record) if self._takes_notes else (statements.CREATE, ())
        try:
            ((verdict, others, _),) = await self._tell(
                statement, *to_values(record), *limits, *also, expected=asyncpg.UniqueViolationError
            )
        except asyncpg.UniqueViolationError as error:
            raise SessionExists(f"session {record.id} exists or has ended") from error
        match verdict:
            case "exists":
                raise SessionExists(f"session {record.id} exists or has ended")
            case "stale":
                raise StaleUser(f"user {record.user_id} changed during sign-in")
            case "full":
                raise TooManySessions(f"the user has {len(others)} sessions")
        return tuple(others)

    async def load(self, id: str) -> Record | Tombstone | None:
        """Return the record, its tombstone, or None."""
        found = await self._fetch(statements.LOAD, id)
        return from_row(found[0]) if found else None

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record; return it as it is now, or None if it is not alive."""
        statement, also = noting.saving(id, change) if self._takes_notes else (statements.SAVE, ())
        try:
            found = await self._tell(statement, *changing.parameters(id, change), *also, expected=_REFUSED)
        except asyncpg.NumericValueOutOfRangeError as error:
            raise DataNotSerializable("a sum in the session is no finite number") from error
        except asyncpg.ProgramLimitExceededError as error:
            raise DataTooLarge(error.args[0]) from error
        except asyncpg.TriggeredDataChangeViolationError as error:
            raise StaleData(error.args[0]) from error
        return to_record(found[0]) if found else None

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Record activity: (id, seen_at) pairs, `seen_at` in seconds since the epoch."""
        for batch in _rounds(touches):
            await self._fetch(statements.TOUCH, list(batch), [str(at) for at in batch.values()])

    async def end(self, endings: Sequence[Ending]) -> int:
        """Replace records by tombstones; return how many were alive."""
        ids = [ending.id for ending in endings]
        reasons = [ending.reason for ending in endings]
        moments = [str(ending.at) for ending in endings]
        statement, also = noting.ending(endings) if self._takes_notes else (statements.END, ())
        return _number(await self._tell(statement, ids, reasons, moments, *also))

    async def delete(self, ids: Iterable[str]) -> int:
        """Remove rows for good."""
        return _number(await self._fetch(statements.DELETE, list(ids)))

    async def user(self, user_id: str) -> UserEntry:
        """Return the user's version and the ids of their live sessions, oldest first."""
        return await self._entry(statements.USER, user_id)

    async def bump(self, user_id: str) -> UserEntry:
        """Raise the user's version and return the entry."""
        return await self._entry(statements.BUMP, user_id)

    async def sweep(self, before: float, limit: int) -> int:
        """Delete at most `limit` rows that ended or expired before `before`; return how many."""
        return _number(await self._fetch(statements.SWEEP, before, limit))

    async def row(self, key: str) -> Row | None:
        """Return the value under `key`, or None."""
        found = await self._fetch(statements.ROW, key)
        return Row(*found[0]) if found else None

    async def put_row(self, key: str, value: bytes, *, expected: int, expires_at: float) -> bool:
        """Store a value if its version is still `expected` (0: absent)."""
        if expected:
            stored = await self._fetch(statements.UPDATE_ROW, key, value, expires_at, expected)
        else:
            stored = await self._fetch(statements.INSERT_ROW, key, value, expires_at)
        return bool(stored)

    async def delete_row(self, key: str) -> None:
        """Remove the value; an absent key is fine."""
        await self._fetch(statements.DELETE_ROW, key)

    async def scan(self, after: str, limit: int) -> list[Record | Tombstone]:
        """Return at most `limit` rows with ids greater than `after`, in order; skips corrupt ones."""
        walked: list[Record | Tombstone] = []
        while found := await self._fetch(statements.SCAN, after, limit - len(walked)):
            after = found[-1][0]
            for row in found:
                with suppress(CorruptRecord):
                    walked.append(from_row(row))
        return walked

    async def count_alive(self, now: float) -> int:
        """Return how many sessions have not ended, and expire later than `now` (seconds since the epoch)."""
        return _number(await self._fetch(statements.COUNT_ALIVE, now))

    async def newest(self, sought: Sought, place: Place = NEWEST, limit: int = 50) -> Page:
        """Return at most `limit` sessions that began before a place; skips corrupt ones."""
        return await overview.newest(self._fetch, sought, place, limit)

    async def adopt(self, rows: Sequence[Record | Tombstone]) -> None:
        """Store each row that supersedes what is there."""
        for row in rows:
            if isinstance(row, Record):
                await self._tell(statements.ADOPT_RECORD, *to_values(row))
            else:
                await self._tell(
                    statements.ADOPT_TOMBSTONE, row.id, row.reason, row.at, row.user_id, row.family_digest
                )

    async def hand_over(self, id: str, rev: int, at: float) -> bool:
        """Replace a record by a tombstone `moved` if its revision is still `rev`."""
        return _number(await self._tell(statements.HAND_OVER, id, rev, at)) == 1

    async def set_version(self, user_id: str, version: int, *, expected: int) -> bool:
        """Set the user's version if it is still `expected`."""
        return bool(await self._fetch(statements.SET_VERSION, user_id, version, expected))

    async def scan_rows(self, after: str, limit: int) -> list[KeptRow]:
        """Return at most `limit` small rows with keys greater than `after`, in order."""
        return [KeptRow(*row) for row in await self._fetch(statements.SCAN_ROWS, after, limit)]

    async def engine_now(self) -> float:
        """Return the server's time in seconds since the epoch."""
        ((now,),) = await self._fetch(statements.NOW)
        return float(now)

    async def close(self) -> None:
        """Let go of the connections; what was accepted is stored already."""
        await self._connections.close()

    async def _entry(self, statement: str, user_id: str) -> UserEntry:
        ((version, ids),) = await self._fetch(statement, user_id)
        return UserEntry(version, tuple(ids))


def _number(found: Sequence[Sequence[int]]) -> int:
    """Return the one number of the one row."""
    return found[0][0]


def _rounds(touches: Sequence[tuple[str, float]]) -> list[dict[str, float]]:
    """Split a batch so that none names a session twice: a touch is judged by what came of the one before."""
    rounds: list[dict[str, float]] = []
    for id, seen_at in touches:
        for batch in rounds:
            if id not in batch:
                batch[id] = seen_at
                break
        else:
            rounds.append({id: seen_at})
    return rounds
