"""What every act of the manager works with."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from coatcheck.core.change import Change
from coatcheck.core.clock import Clock
from coatcheck.core.codec import DataType
from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import CorruptRecord, StoreUnavailable
from coatcheck.core.events import ClockSkewed, RecordCorrupt, StoreFailed
from coatcheck.core.lifetimes import MAX_COOKIE_AGE, Lifetimes
from coatcheck.core.moving import has_moved, is_sealed, moved_away
from coatcheck.core.plan import CookieChange
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.session import Session
from coatcheck.core.store import Absent, Cached, Cap, Ending, EngineClock, Store, UserEntry
from coatcheck.core.token import Token
from coatcheck.manager.announcer import Announcer
from coatcheck.manager.backlog import Backlog
from coatcheck.manager.changes import Changes
from coatcheck.manager.strangers import Strangers

Recall = Callable[[str], Record | Absent | None]

DELETE_COOKIE = CookieChange(None)


@dataclass(slots=True)
class Context:
    """The manager's parts. Times are in seconds since the epoch, on the store engine's clock.

    Attributes:
        recall: Where the store has the skill `Cached`, its look into this process's memory.
        staleness: Seconds that this may be behind.
    """

    store: Store
    clock: Clock
    entropy: Entropy
    lifetimes: Lifetimes
    announcer: Announcer
    cap: Cap
    carry_over: frozenset[str]
    data_type: DataType[Any] | None
    offset: float = 0.0
    strangers: Strangers = field(default_factory=Strangers)
    recall: Recall | None = None
    staleness: float = 0.0
    backlog: Backlog = field(init=False)  # it needs this context's clock
    changes: Changes = field(init=False)

    def __post_init__(self) -> None:
        if isinstance(self.store, Cached):
            self.recall, self.staleness = self.store.recall, self.store.staleness
        self.backlog = Backlog(self.store, self.now)
        self.changes = Changes(self.store, self.entropy, self._tell_cut)

    def now(self) -> float:
        """Return the time, corrected to the store engine's clock."""
        return self.clock.now() + self.offset

    async def measure_clock(self) -> None:
        """Measure how far this machine's clock is from the engine's, and correct for it."""
        if not isinstance(self.store, EngineClock):
            return
        before = self.clock.now()
        engine = await self.store.engine_now()
        self.offset = engine - (before + self.clock.now()) / 2
        if abs(self.offset) > self.lifetimes.rotation.tolerance:
            self.announcer.emit(ClockSkewed(at=engine, offset=self.offset))

    async def load(self, id: str) -> Record | Tombstone | None:
        """Read a record; a row that cannot be read counts as none, and is told.

        Raises:
            StoreUnavailable: The store cannot be read, or the session moved to another.
        """
        try:
            found = await self.store.load(id)
        except CorruptRecord:
            self.tell_corrupt(id)
            return None
        if has_moved(found):
            raise moved_away()
        return found

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record; None says that it has ended, and never that it moved.

        Raises:
            StoreUnavailable: The store cannot write, or the session moved to another: it goes on there.
            CorruptRecord: The row cannot be read.
            DataTooLarge: The merged data exceeds the limit; nothing was stored.
        """
        saved = await self.store.save(id, change)
        if saved is None:
            await self.load(id)
        return saved

    async def user(self, user_id: str) -> UserEntry:
        """Return a user's entry.

        Raises:
            StoreUnavailable: The store cannot be read, or the user moved to another.
        """
        return _unsealed(await self.store.user(user_id))

    async def bump(self, user_id: str) -> UserEntry:
        """Raise a user's version and return the entry.

        Raises:
            StoreUnavailable: The store cannot write, or the user moved to another.
        """
        return _unsealed(await self.store.bump(user_id))

    def is_recalled(self, session: Session[Any]) -> bool:
        """Tell whether a session stands on what is remembered here, which may only admit."""
        return self.recall is not None and session.token is not None and not session.is_fresh

    def tell_corrupt(self, id: str) -> None:
        """Tell of a row that cannot be read; it counts as none."""
        self.announcer.emit(RecordCorrupt(at=self.now(), session_id=id))

    def _tell_cut(self) -> None:
        self.announcer.emit(StoreFailed(at=self.now(), verb="feed"))

    def endings(self, ids: Iterable[str], reason: Reason) -> list[Ending]:
        """Return the endings of sessions at this moment."""
        now = self.now()
        return [Ending(id, reason, now) for id in ids]

    async def end_now(self, endings: Sequence[Ending]) -> int:
        """End sessions; return how many were alive.

        Raises:
            StoreUnavailable: The store cannot write, or one of them moved to another: it goes on there.
        """
        alive = await self.store.end(endings)
        if alive < len(endings):
            for ending in endings:
                await self.load(ending.id)
        return alive

    async def end(self, endings: Sequence[Ending]) -> int | None:
        """End sessions now, or as soon as the store can write; None if it could not yet.

        For what follows from something else, where nobody waits for an answer. Who signs out or revokes
        must hear that it did not happen: those acts take `end_now`.
        """
        try:
            return await self.end_now(endings)
        except StoreUnavailable:
            for ending in endings:
                self.backlog.end(ending)
                self.announcer.emit(StoreFailed(at=ending.at, session_id=ending.id, verb="end"))
            return None

    def handout(self, token: Token, record: Record) -> CookieChange:
        """Return the cookie for a token; a remembered one never outlives the absolute deadline."""
        if not record.remember:
            return CookieChange(token.text)
        left = min(record.absolute_at - self.now(), MAX_COOKIE_AGE)
        return CookieChange(token.text, max(0, int(left)))


def _unsealed(entry: UserEntry) -> UserEntry:
    if is_sealed(entry.version):
        raise moved_away()
    return entry
