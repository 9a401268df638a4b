"""NearStore: a session check without a round trip."""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager

from coatcheck.core.change import Change
from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.ledger import Ledger, Notes
from coatcheck.core.overview import Overview
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import (
    Absent,
    Cap,
    Doorbell,
    Ending,
    EngineClock,
    Feed,
    Rows,
    Scan,
    Store,
    UserEntry,
)
from coatcheck.stores.near.asking import Asking
from coatcheck.stores.near.cache import Cache, Limits
from coatcheck.stores.near.listening import STALENESS, Listening
from coatcheck.stores.near.measures import Measures, Pushes
from coatcheck.stores.skills import pass_on


class NearStore:
    """A store in front of another, which remembers the records that were read last.

    Every verb goes to the inner store; only `recall` answers from memory. It has the skills `Feed` and
    `Cached`, and `Rows`, `Scan`, `Overview`, `EngineClock`, `Ledger` and `Notes` where the inner store
    has them.

    Args:
        inner: Has the skill `Doorbell` (then nothing outdated is ever recalled) or `Feed`.
        staleness: With a feed: the longest, in seconds, that a change made elsewhere can stay unseen here.
        limits: How much is remembered.
        clock: Tells how long the feed has been silent, and how old is what was read.
        entropy: Spreads the attempts of many workers to listen again.

    Attributes:
        inner: The store behind it.

    Raises:
        ConfigurationError: The inner store cannot tell what changes, or not so fast.
    """

    def __init__(
        self,
        inner: Store,
        *,
        staleness: float = STALENESS,
        limits: Limits | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
    ) -> None:
        if not isinstance(inner, Feed):
            raise ConfigurationError(
                f"{type(inner).__name__} has no feed", remedy="Use it without a NearStore in front"
            )
        self.inner: Store = inner
        self._feed = inner.feed
        self._cache = Cache(limits or Limits())
        self._clock = clock = clock or SystemClock()
        self._pushes = Pushes(clock)
        self._news: Asking | Listening
        if isinstance(inner, Doorbell):
            self._news = Asking(inner, self._cache)
        else:
            self._news = Listening(
                inner,
                self._cache,
                self._pushes,
                staleness=staleness,
                clock=clock,
                entropy=entropy or SystemEntropy(),
            )
        pass_on(self, inner, Rows, Scan, Overview, EngineClock, Ledger, Notes)

    @property
    def staleness(self) -> float:
        """Seconds that `recall` may be behind, at most; 0 where it never is."""
        return self._news.staleness

    def measure(self) -> Measures:
        """Return how the cache fares."""
        cache, pushes = self._cache, self._pushes
        return Measures(
            hits=cache.hits,
            misses=cache.misses,
            invalidations=cache.invalidations,
            lapses=cache.lapses,
            records=cache.records,
            absent=cache.absent,
            size=cache.size,
            pushes=tuple(pushes.counts),
            pushed_seconds=pushes.seconds,
        )

    def time_pushes(self, told: Callable[[float], None]) -> None:
        """Tell a function how long each change made here takes to come back through the feed, in seconds."""
        self._pushes.told = told

    def recall(self, id: str) -> Record | Absent | None:
        """Return what is remembered under an id; None where the store must be read."""
        now = self._clock.now()
        if self._news.is_current(now):
            return self._cache.look(id, now)
        self._cache.misses += 1
        return None

    async def load(self, id: str) -> Record | Tombstone | None:
        """Read the store, and remember what it holds."""
        await self._news.begin()
        load = self._cache.begin(id, self._clock.now())
        try:
            found = await self.inner.load(id)
        except BaseException:
            self._cache.abandon(id, load)
            raise
        self._cache.finish(id, load, found)
        return found

    async def create(self, record: Record, user_version: int = 0, cap: Cap | None = None) -> tuple[str, ...]:
        """Store a new record; return the ids of sessions evicted to make room."""
        with self._changing((record.id,)):
            evicted = await self.inner.create(record, user_version, cap)
        self._cache.drop(evicted)
        return evicted

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record; return it as it is now, or None if it is not alive."""
        with self._changing((id,)):
            return await self.inner.save(id, change)

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Record activity, in the store and in what is remembered: the feed does not tell of it."""
        await self.inner.touch(touches)
        self._cache.touch(touches)

    async def end(self, endings: Sequence[Ending]) -> int:
        """Replace records by tombstones; return how many were alive."""
        with self._changing([ending.id for ending in endings]):
            return await self.inner.end(endings)

    async def delete(self, ids: Iterable[str]) -> int:
        """Remove rows for good; the feed does not tell of it."""
        gone = list(ids)
        try:
            return await self.inner.delete(gone)
        finally:
            self._cache.drop(gone)

    async def user(self, user_id: str) -> UserEntry:
        """Return the user's version and the ids of their live sessions, oldest first."""
        return await self.inner.user(user_id)

    async def bump(self, user_id: str) -> UserEntry:
        """Raise the user's version and return the entry."""
        return await self.inner.bump(user_id)

    async def sweep(self, before: float, limit: int) -> int:
        """Delete at most `limit` rows that ended or expired before `before`; return how many."""
        return await self.inner.sweep(before, limit)

    async def feed(self) -> AsyncGenerator[tuple[str, ...], None]:
        """Yield the ids of sessions that changed, each after it was forgotten here."""
        async with aclosing(self._feed()) as changes:
            async for ids in changes:
                self._cache.drop(ids)
                yield ids

    async def close(self) -> None:
        """Forget everything, then close the inner store."""
        await self._news.close()
        await self.inner.close()

    @contextmanager
    def _changing(self, ids: Sequence[str]) -> Iterator[None]:
        """Forget sessions once they were changed here, or may have been."""
        # Where staleness is 0 whoever looks asks first, and no news is ever under way.
        if self.staleness and self._news.is_current(self._clock.now()):
            self._pushes.begin(ids)
        try:
            yield
        except BaseException:
            self._pushes.give_up(ids)
            raise
        finally:
            self._cache.drop(ids)
