"""RedisStore: every verb one script, and no step that spans two slots."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing, suppress

from coatcheck.core.change import Change
from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.core.errors import CoatcheckError, SessionExists, StoreUnavailable
from coatcheck.core.ledger import Entry, Note, Search
from coatcheck.core.lifetimes import RETENTION
from coatcheck.core.moving import KeptRow
from coatcheck.core.overview import NEWEST, Page, Place, Sought
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Ending, Row, UserEntry
from coatcheck.stores.redis import scripts
from coatcheck.stores.redis.address import parse
from coatcheck.stores.redis.check import check
from coatcheck.stores.redis.feed import follow
from coatcheck.stores.redis.keys import ROW_BUCKETS, Keys
from coatcheck.stores.redis.ledger import LedgerKeeper
from coatcheck.stores.redis.link import Link
from coatcheck.stores.redis.overview import Overview
from coatcheck.stores.redis.scripts import Call
from coatcheck.stores.redis.sessions import Sessions
from coatcheck.stores.redis.small_rows import SmallRows
from coatcheck.stores.redis.upkeep import Upkeep
from coatcheck.stores.redis.users import Users


class RedisStore:
    """A store in Redis or Valkey, for any number of processes, machines and event loops.

    Nothing is connected before the first verb, so a store made before a fork can be used after it. It has
    the skills `Rows`, `Scan`, `Overview`, `Movable`, `EngineClock`, `Feed`, `Ledger` and `Notes`.

    Args:
        url: Where it is; [the documentation](../rooms/stores.md) says what can be written.
        retention: Seconds after which Redis itself drops what ended or expired, should no sweeper come.
        entropy: Draws the jitter of the pauses between attempts to connect.
    """

    def __init__(self, url: str, *, retention: float = RETENTION, entropy: Entropy | None = None) -> None:
        self._address = address = parse(url)
        self._link = Link(address, entropy or SystemEntropy())
        self._keys = keys = Keys(address.prefix, address.database)
        self._sessions = Sessions(self._link, keys, retention)
        self._users = Users(self._link, keys, retention, self._sessions)
        self._rows = SmallRows(self._link, keys, retention)
        self._upkeep = Upkeep(self._link, keys)
        self._overview = Overview(self._link, keys)
        self._ledger = LedgerKeeper(self._link, keys)

    def check(self) -> None:
        """Make sure that the servers can be used, and leave nothing open; warn if they evict keys.

        Raises:
            ConfigurationError: They refuse the password, are too old, or of another kind than the URL says.
            StoreUnavailable: They cannot be reached, or not be written.
        """
        check(self._address)

    async def create(self, record: Record, user_version: int = 0, cap: Cap | None = None) -> tuple[str, ...]:
        """Store a new record; return the ids of sessions evicted to make room."""
        if not await self._sessions.create(record):
            raise SessionExists(f"session {record.id} exists or has ended")
        if (user_id := record.user_id) is None:
            return ()
        try:
            return await self._users.enter(record, user_id, user_version, cap)
        except CoatcheckError:
            with suppress(StoreUnavailable):  # nobody has a token of it
                await self._sessions.withdraw(record)
            raise

    async def load(self, id: str) -> Record | Tombstone | None:
        """Return the record, its tombstone, or None."""
        return await self._sessions.load(id)

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record; return it as it is now, or None if it is not alive."""
        saved = await self._sessions.save(id, change)
        if saved and (change.commit or change.identity):
            await self._users.enter_again([saved])  # a failover may have lost it there
        return saved

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Record activity: (id, seen_at) pairs, `seen_at` in seconds since the epoch."""
        await self._sessions.touch(touches)

    async def end(self, endings: Sequence[Ending]) -> int:
        """Replace records by tombstones; return how many were alive."""
        return sum(await self._sessions.end(endings))

    async def delete(self, ids: Iterable[str]) -> int:
        """Remove rows for good."""
        return await self._sessions.delete(ids)

    async def user(self, user_id: str) -> UserEntry:
        """Return the user's version and the ids of their live sessions, oldest first."""
        return await self._users.entry(user_id)

    async def bump(self, user_id: str) -> UserEntry:
        """Raise the user's version and return the entry."""
        return await self._users.bump(user_id)

    async def sweep(self, before: float, limit: int) -> int:
        """Delete at most `limit` rows that ended or expired before `before`; return how many."""
        return await self._upkeep.sweep(before, limit)

    async def row(self, key: str) -> Row | None:
        """Return the value under `key`, or None."""
        return await self._rows.get(key)

    async def put_row(self, key: str, value: bytes, *, expected: int, expires_at: float) -> bool:
        """Store a value if its version is still `expected` (0: absent)."""
        return await self._rows.put(key, Row(value, expected), expires_at)

    async def delete_row(self, key: str) -> None:
        """Remove the value; an absent key is fine."""
        await self._rows.delete(key)

    async def scan(self, after: str, limit: int) -> list[Record | Tombstone]:
        """Return at most `limit` rows with ids greater than `after`, in order; skips corrupt ones."""
        return await self._upkeep.scan(after, limit)

    async def count_alive(self, now: float) -> int:
        """Return how many sessions have not ended, and expire later than `now` (seconds since the epoch)."""
        return await self._overview.count_alive(now)

    async def newest(self, sought: Sought, place: Place = NEWEST, limit: int = 50) -> Page:
        """Return at most `limit` sessions that began before a place; skips corrupt ones."""
        return await self._overview.newest(sought, place, limit)

    async def adopt(self, rows: Sequence[Record | Tombstone]) -> None:
        """Store each row that supersedes what is there."""
        await self._sessions.adopt(rows)
        await self._users.enter_again(row for row in rows if isinstance(row, Record))

    async def hand_over(self, id: str, rev: int, at: float) -> bool:
        """Replace a record by a tombstone `moved` if its revision is still `rev`."""
        return await self._sessions.hand_over(id, rev, at)

    async def set_version(self, user_id: str, version: int, *, expected: int) -> bool:
        """Set the user's version if it is still `expected`."""
        return await self._users.set_version(user_id, version, expected)

    async def scan_rows(self, after: str, limit: int) -> list[KeptRow]:
        """Return at most `limit` small rows with keys greater than `after`, in order."""
        return await self._upkeep.scan_rows(after, limit)

    async def engine_now(self) -> float:
        """Return the time of a server in seconds since the epoch."""
        seconds, microseconds = await self._link.run(Call(scripts.NOW, (self._keys.index(ROW_BUCKETS[0]),)))
        return int(seconds) + int(microseconds) / 1_000_000

    async def append(self, entries: Sequence[Entry], settled: Sequence[str] = ()) -> None:
        """Store entries of the audit ledger in one step, then drop the notes that they settle."""
        await self._ledger.append(entries, settled)

    async def find(self, search: Search, before: int | None, limit: int) -> list[Entry]:
        """Return at most `limit` entries in places lower than `before`, the newest first."""
        return await self._ledger.find(search, before, limit)

    async def chain(self, id: str, after: int, limit: int) -> list[Entry]:
        """Return at most `limit` entries of a chain with numbers greater than `after`, in order."""
        return await self._ledger.chain(id, after, limit)

    async def heads(self) -> list[Entry]:
        """Return the last entry of every chain."""
        return await self._ledger.heads()

    async def forget(self, id: str, through: int) -> int:
        """Remove the entries of a chain up to a number; return how many."""
        return await self._ledger.forget(id, through)

    def take_notes(self) -> None:
        """Leave a note with each change of a session from now on."""
        self._sessions.takes_notes = True

    async def notes(self, limit: int) -> list[Note]:
        """Return at most `limit` notes, the oldest first."""
        return await self._ledger.notes(limit)

    async def feed(self) -> AsyncGenerator[tuple[str, ...], None]:
        """Yield the ids of sessions that were created, saved or ended, by whichever process."""
        async with aclosing(follow(self._link, self._keys)) as changes:
            async for ids in changes:
                yield ids

    async def close(self) -> None:
        """Let go of every connection."""
        await self._link.close()
