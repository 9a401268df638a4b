"""An app that fills a ledger, and an attacker who can write the database."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from coatcheck import Identity, SessionManager
from coatcheck.core.ledger import Entry, Search, follow, genesis
from coatcheck.core.store import EngineClock
from coatcheck.testing import ManualClock, SeededEntropy
from coatcheck.watch.audit import Audit
from coatcheck.watch.audit.notary import Notary
from coatcheck.watch.audit.verify import verify
from coatcheck.watch.audit.waiting import Waiting
from coatcheck.watch.audit.worker import Worker

ENGINES = ["memory", "sqlite", "postgres", "redis"]


def url_of(engine: str, request: Any, folder: Path) -> str:
    """Return the URL of an empty store."""
    match engine:
        case "memory":
            return "memory://"
        case "sqlite":
            return f"sqlite:///{folder / 'sessions.db'}"
        case "postgres":
            emptied: str = request.getfixturevalue("emptied")
            return emptied
    server = request.getfixturevalue("redis_8")
    server.empty()
    url: str = server.url
    return url


class App:
    """Workers of one application: each `async with worker()` is a process from its start to its end."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.clock = ManualClock(time.time())
        self._seeds = 0

    def worker(self, **options: Any) -> SessionManager[Any]:
        self._seeds += 1
        if isinstance(self.store, EngineClock):  # or a worker on a slow machine finds its clock wrong
            self.clock.set(max(self.clock.now(), time.time()))
        return SessionManager(
            self.store,
            observers=[Audit(**options)],
            clock=self.clock,
            entropy=SeededEntropy(f"worker {self._seeds}"),
        )

    async def sign_in(self, manager: SessionManager[Any], user_id: str = "ada") -> str:
        self.clock.advance(1)
        session = await manager.open(None, ip="192.0.2.7", user_agent="Firefox")
        await manager.begin(session, Identity(user_id=user_id))
        await manager.close(session)
        assert session.record
        return session.record.id

    async def soon(self) -> list[Entry]:
        """Wait until something is in the ledger; return it."""
        async with asyncio.timeout(5):
            while not (found := await self.entries()):  # noqa: ASYNC110 - a store has no event
                await asyncio.sleep(0.02)
        return found

    async def entries(self) -> list[Entry]:
        """Everything, the oldest first."""
        return list(reversed(await self.store.find(Search(), None, 10_000)))


def notary(manager: SessionManager[Any], **how: Any) -> Notary:
    """Return one that writes to the ledger of a manager, which is in use."""
    return notary_of(Worker(manager, manager.store, Waiting(), how.get("key")), manager, **how)


def notary_of(worker: Worker, manager: SessionManager[Any], **how: Any) -> Notary:
    """Return one that writes by this worker."""
    return Notary(worker, manager, how.get("key"), how.get("path"))


class Attacker:
    """Can write the database, and knows how the ledger works."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def rewrite(self, change: Callable[[list[Entry]], list[Entry]]) -> None:
        """Put other entries in place of all that are there."""
        entries = list(reversed(await self._store.find(Search(), None, 10_000)))
        for chain in {entry.chain for entry in entries}:
            await self._store.forget(chain, 10_000)
        for entry in change(entries):
            await self._store.append([entry])


def recomputed(entries: list[Entry]) -> list[Entry]:
    """Give every entry the number and digest that its place in its chain asks for."""
    heads: dict[str, tuple[int, bytes]] = {}
    done = []
    for entry in entries:
        seq, digest = heads.get(entry.chain, (0, genesis(entry.chain)))
        heads[entry.chain] = seq + 1, follow(digest, entry.text)
        done.append(msgspec.structs.replace(entry, seq=seq + 1, digest=heads[entry.chain][1]))
    return done


async def fill(app, **options) -> None:
    """Two workers, each with some sign-ins, that end in good order one after the other."""
    async with app.worker(**options) as first, app.worker(**options) as second:
        for user_id in ("ada", "bob", "eve"):
            await app.sign_in(first, user_id)
            await app.sign_in(second, user_id)


async def findings(store, **how) -> list[str]:
    return [finding.what for finding in (await verify(store, **how)).findings]
