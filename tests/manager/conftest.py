"""A manager whose time, randomness and store are in the test's hands."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from coatcheck import Cap, Identity, Lifetimes, Session, SessionManager
from coatcheck.stores.memory import MemoryStore
from coatcheck.stores.near import Limits, NearStore
from coatcheck.testing import CountingStore, FailingStore, ManualClock, RecordingObserver, SeededEntropy
from tests.manager.feeds import ScriptedFeed, until

ADA = Identity(user_id="u-ada", email="ada@example.test", name="Ada", roles=frozenset({"user"}))


@dataclass
class Bench:
    """One worker over a store that several workers may share."""

    failing: FailingStore = field(default_factory=lambda: FailingStore(MemoryStore()))
    clock: ManualClock = field(default_factory=ManualClock)
    seed: int = 1
    cap: Cap = field(default_factory=Cap)
    carry_over: frozenset[str] = frozenset()
    data_type: Any = None
    near: bool = False

    def __post_init__(self) -> None:
        self.store = CountingStore(self.failing)
        limits = Limits(age=86_400.0)  # tests let hours pass between two looks
        self.cache = NearStore(self.store, limits=limits, clock=self.clock) if self.near else None
        self.seen = RecordingObserver()
        self.manager: SessionManager[Any] = SessionManager(
            self.cache or self.store,
            lifetimes=Lifetimes(),
            observers=[self.seen],
            cap=self.cap,
            carry_over=self.carry_over,
            data_type=self.data_type,
            clock=self.clock,
            entropy=SeededEntropy(self.seed),
        )
        self.jar: str | None = None

    async def hears(self, *ids: str) -> None:
        """Let the feed tell of these, or of a heartbeat."""
        feed = self.failing.inner
        assert isinstance(feed, ScriptedFeed)
        await feed.script.put(ids)
        await until(lambda: feed.waits and feed.script.empty())

    async def remember(self) -> None:
        """Let the cache hear from the feed that all is well, and remember the session in the jar."""
        await self.open()  # from now on it listens
        await self.hears()
        await self.hears()
        await self.open()

    def worker(self, seed: int) -> "Bench":
        """Another worker on the same store and clock."""
        return Bench(failing=self.failing, clock=self.clock, seed=seed, cap=self.cap)

    async def open(self) -> Session[Any]:
        return await self.manager.open(
            self.jar, ip="192.0.2.1", user_agent="Mozilla/5.0 (X11; Linux) Firefox/140"
        )

    async def close(self, session: Session[Any], **how: Any) -> Any:
        change = await self.manager.close(session, **how)
        if change is not None:
            self.jar = change.text
        return change

    async def visit(self, **how: Any) -> Session[Any]:
        session = await self.open()
        await self.close(session, **how)
        return session

    async def sign_in(self, user: Identity = ADA, **how: Any) -> Session[Any]:
        session = await self.open()
        await self.manager.begin(session, user, **how)
        await self.close(session)
        return session


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
async def near() -> AsyncIterator[Bench]:
    """A worker with a near-cache, over a store whose feed says what the test wishes."""
    bench = Bench(failing=FailingStore(ScriptedFeed()), near=True)
    yield bench
    assert bench.cache
    await bench.cache.close()
