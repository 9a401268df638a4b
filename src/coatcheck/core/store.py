"""What a store must be able to do: few verbs, and small optional skills.

A store keeps records and judges nothing: it reads no clock, knows no policy, and gets every
deadline and stamp from its caller. Each verb is one atomic step.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import Literal, Protocol, runtime_checkable

import msgspec

from coatcheck.core.change import Change
from coatcheck.core.errors import ConfigurationError, TooManySessions
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone

NEVER = 253_402_300_799.0  # the last second of the year 9999: a row that no sweeper takes
HEARTBEAT = 0.5  # seconds between two signs of life of a feed, at most


class Cap(msgspec.Struct, frozen=True):
    """How many live sessions one user may have (ASVS 7.1.2).

    Attributes:
        limit: At most this many.
        on_full: `evict` ends the oldest; `deny` refuses the new one.
    """

    limit: int = 10
    on_full: Literal["evict", "deny"] = "evict"

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise ConfigurationError(
                f"limit={self.limit} lets nobody in", remedy="Give a limit of at least 1"
            )
        if self.on_full not in ("evict", "deny"):
            raise ConfigurationError(f"on_full={self.on_full!r}", remedy="Use 'evict' or 'deny'")

    def surplus(self, live: Sequence[str]) -> tuple[str, ...]:
        """Return which of a user's live sessions, oldest first, must make room for one more.

        Raises:
            TooManySessions: One more is denied.
        """
        surplus = tuple(live[: max(0, len(live) + 1 - self.limit)])
        if surplus and self.on_full == "deny":
            raise TooManySessions(f"the user has {len(live)} sessions")
        return surplus


class Ending(msgspec.Struct, frozen=True):
    """One session to end: its id, why, and when (seconds since the epoch)."""

    id: str
    reason: Reason
    at: float


class UserEntry(msgspec.Struct, frozen=True):
    """A user's entry: its version, and the ids of their live sessions, oldest first."""

    version: int = 0
    ids: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True):
    """A small value beside the sessions: a throttle counter, a lease, a key."""

    value: bytes
    version: int

    def __repr__(self) -> str:
        return f"<Row of {len(self.value)} bytes, version {self.version}>"  # it may hold a key


class Store(Protocol):
    """Where records live.

    Every verb may raise `StoreUnavailable`; `load` and `save` may raise `CorruptRecord`.
    """

    async def create(self, record: Record, user_version: int = 0, cap: Cap | None = None) -> tuple[str, ...]:
        """Store a new record; return the ids of sessions evicted to make room.

        For a signed-in record this is one step in the user's entry: check the version, drop ids
        that ended or expired (`expires_at` before `record.created_at`), apply the cap, add the id.

        Raises:
            SessionExists: The id is taken or has ended.
            StaleUser: The user's version is not `user_version`.
            TooManySessions: The cap denies one more.
        """
        ...  # pragma: no cover

    async def load(self, id: str) -> Record | Tombstone | None:
        """Return the record, its tombstone, or None. Deadlines are the caller's to judge."""
        ...  # pragma: no cover

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record; return it as it is now, or None if it is not alive.

        Data is merged key by key. A commit whose `expected` digest is not current is left out; the
        rest of the change still counts, and the returned record shows what won.

        Raises:
            StaleData: Other data are stored than the change is given; nothing was changed.
            DataTooLarge: The merged data exceeds the limit; nothing was stored.
        """
        ...  # pragma: no cover

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Record activity: (id, seen_at) pairs, as `Record.touched` decides. Never revives."""
        ...  # pragma: no cover

    async def end(self, endings: Sequence[Ending]) -> int:
        """Replace records by tombstones; return how many were alive.

        Idempotent and final: the first reason stays. An absent id gets a tombstone too, so that a
        `create` that races with it fails.
        """
        ...  # pragma: no cover

    async def delete(self, ids: Iterable[str]) -> int:
        """Remove rows for good; for the sweeper, of what is past its retention."""
        ...  # pragma: no cover

    async def user(self, user_id: str) -> UserEntry:
        """Return the user's version and the ids of their live sessions, oldest first."""
        ...  # pragma: no cover

    async def bump(self, user_id: str) -> UserEntry:
        """Raise the user's version and return the entry, in one step."""
        ...  # pragma: no cover

    async def sweep(self, before: float, limit: int) -> int:
        """Delete at most `limit` rows that ended or expired before `before`; return how many."""
        ...  # pragma: no cover

    async def close(self) -> None:
        """Finish what was accepted and let go of connections."""
        ...  # pragma: no cover


@runtime_checkable
class Rows(Protocol):
    """Skill: small versioned values that survive a restart and are shared by all workers."""

    async def row(self, key: str) -> Row | None:
        """Return the value under `key`, or None."""
        ...  # pragma: no cover

    async def put_row(self, key: str, value: bytes, *, expected: int, expires_at: float) -> bool:
        """Store a value if its version is still `expected` (0: absent); tell whether it was stored.

        `expires_at` (seconds since the epoch) tells the sweeper when the row may go.
        """
        ...  # pragma: no cover

    async def delete_row(self, key: str) -> None:
        """Remove the value; an absent key is fine."""
        ...  # pragma: no cover


@runtime_checkable
class Scan(Protocol):
    """Skill: walk over everything, for operators and migrations."""

    async def scan(self, after: str, limit: int) -> list[Record | Tombstone]:
        """Return at most `limit` rows with ids greater than `after`, in order; skips corrupt ones."""
        ...  # pragma: no cover


@runtime_checkable
class EngineClock(Protocol):
    """Skill: the clock of an engine on another machine."""

    async def engine_now(self) -> float:
        """Return the engine's time in seconds since the epoch."""
        ...  # pragma: no cover


@runtime_checkable
class Feed(Protocol):
    """Skill: pushes which sessions changed, in whichever process."""

    def feed(self) -> AsyncGenerator[tuple[str, ...], None]:
        """Yield the ids of sessions that were created, saved or ended, each after its change is stored.

        A touch is not told: it would wake every worker for every person. An empty tuple is a
        heartbeat. The first says that from now on nothing is missed; each later one, that whatever was
        stored before the heartbeat before it has been told. So where an engine is behind a network, a
        heartbeat is its answer to a question that was put, on the same connection, after the last one.
        One comes at least every `HEARTBEAT` seconds while the feed is whole, whatever else comes.
        Every call is a subscription of its own; `aclose` ends it.

        Raises:
            StoreUnavailable: The feed was cut, or the store closed. Whoever listens asks again, and takes
                it that anything may have changed meanwhile.
        """
        ...  # pragma: no cover


@runtime_checkable
class Doorbell(Protocol):
    """Skill: tells, without waiting, what changed in whichever process until this very moment."""

    def doorbell(self) -> Callable[[], tuple[str, ...]]:
        """Return a function that returns the ids of sessions that changed since it was called last.

        It tells what a `feed` tells. It takes about as long as a look into memory: it is called before
        each. It raises `StoreUnavailable` where something may have been missed; then ask for another.

        Raises:
            StoreUnavailable: The store cannot be reached.
        """
        ...  # pragma: no cover


class Absent:
    """What is remembered of an id that the store did not know."""


ABSENT = Absent()


@runtime_checkable
class Cached(Protocol):
    """Skill: remembers in this process what was read; the verbs themselves always go to the store.

    What is recalled may only admit. Touches made in other processes, and for `staleness` seconds other
    changes too, are not in it, so whatever else follows from it must be judged again on a `load`.
    """

    @property
    def staleness(self) -> float:
        """Seconds that `recall` may be behind, at most; 0 where it never is."""
        ...  # pragma: no cover

    def recall(self, id: str) -> Record | Absent | None:
        """Return what is remembered under an id; None where the store must be read."""
        ...  # pragma: no cover
