"""A worker whose observer looks for anomalies; several may share a store and a clock."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from coatcheck import Identity, Lifetimes, SessionManager
from coatcheck.core.events import AnomalyFound, Event
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import FailingStore, ManualClock, RecordingObserver, SeededEntropy
from coatcheck.watch.anomaly import Anomalies
from tests.watch.anomaly.happenings import FIREFOX, HOME

ADA = Identity(user_id="ada")


@dataclass
class Worker:
    """A manager with anomalies, and a browser that talks to it."""

    anomalies: Anomalies = field(default_factory=Anomalies)
    store: Any = field(default_factory=lambda: FailingStore(MemoryStore()))
    clock: ManualClock = field(default_factory=ManualClock)
    seed: int = 1
    jar: str | None = None

    def __post_init__(self) -> None:
        self.seen = RecordingObserver()
        self.manager: SessionManager[Any] = SessionManager(
            self.store,
            lifetimes=Lifetimes(),
            observers=[self.seen, self.anomalies],
            clock=self.clock,
            entropy=SeededEntropy(self.seed),
        )

    @property
    def found(self) -> list[AnomalyFound]:
        return self.seen.of(AnomalyFound)

    async def visit(self, ip: str = HOME, agent: str = FIREFOX, user: Identity | None = None) -> Any:
        session = await self.manager.open(self.jar, ip=ip, user_agent=agent)
        if user is not None:
            await self.manager.begin(session, user)
        if change := await self.manager.close(session, active=True):
            self.jar = change.text
        return session

    async def rotate(self, ip: str = HOME, agent: str = FIREFOX) -> None:
        """Let time pass until the token is renewed, and come back with the new one."""
        for _ in range(2):
            self.clock.advance(901)
            await self.manager.touch(await self.visit(ip, agent))

    async def observe(self, *events: Event) -> list[AnomalyFound]:
        """Let events happen, look at them, and return all that was found so far."""
        for event in events:
            self.manager.emit(event)
        await self.anomalies.look()
        return self.found


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Any]]:
    """Starts workers, which are stopped after the test."""
    async with AsyncExitStack() as stack:

        async def start(*args: Any, **options: Any) -> Worker:
            worker = Worker(*args, **options)
            await stack.enter_async_context(worker.manager)
            return worker

        yield start
