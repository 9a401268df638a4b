"""Write amplification: what activity costs the store, beyond nothing."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.apps import coat
from benchmarks.hosts.asgi import discard, receive, scope_of
from benchmarks.options import Options
from benchmarks.page import Page, Table, Verdict
from benchmarks.servers import ENGINES, Servers
from benchmarks.sessions import cookie_of, fill, token_of
from coatcheck import SessionManager
from coatcheck.core.lifetimes import MINUTE
from coatcheck.core.store import Store
from coatcheck.manager.backlog import MAX_DELAY
from coatcheck.stores import open_store
from coatcheck.stores.near import NearStore
from coatcheck.testing import CountingStore

SEED = 17
SESSIONS, REQUESTS = 100, 2_000
SECONDS = 5.0  # for all of the requests: well within the touch interval of a minute
HANDFUL = 5
ABOUT = """
{requests} requests of {sessions} people who were last seen two minutes ago, in a random order and over
{seconds:g} seconds, to one worker; the touch interval is a minute. "touched" counts the sessions named
in all `touch` calls, "round trips" the calls: each is one statement, transaction or pipeline. Later
activity is held until the interval is over, or the worker stops: what is written then is "at the end".
"""


@dataclass(frozen=True)
class Written:
    """What a store was asked to write.

    Attributes:
        touched: Sessions touched.
        calls: Calls of `touch`.
        at_end: Sessions touched when the worker stopped.
    """

    touched: int
    calls: int
    at_end: int


class TouchCounter(CountingStore):
    """Counts what is in a batch as well."""

    touched = 0

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        self.touched += len(touches)
        await super().touch(touches)


def run(_options: Options, servers: Servers) -> Page:
    return page({engine: asyncio.run(measure(servers.fresh(engine), SECONDS)) for engine in ENGINES})


def page(found: dict[str, Written]) -> Page:
    """Return what is said of the counts."""
    rows, verdicts = [], []
    for engine, written in found.items():
        rows.append((engine, str(written.touched), str(written.calls), str(written.at_end)))
        verdicts += [
            Verdict(f"{engine}: sessions touched", SESSIONS, written.touched),
            Verdict(f"{engine}: round trips", HANDFUL, written.calls),
        ]
    about = ABOUT.format(requests=REQUESTS, sessions=SESSIONS, seconds=SECONDS)
    table = Table("Writes", ("store", "touched", "round trips", "at the end"), rows)
    return Page("What activity writes", about, [table], verdicts)


async def measure(url: str, seconds: float) -> Written:
    """Let people be active, and count."""
    inner = open_store(url)
    await fill(inner, url, range(SESSIONS), time.time() - 2 * MINUTE)
    store = TouchCounter(inner)
    async with SessionManager(NearStore(store)) as manager:
        await _visit(coat.application(manager), seconds)
        await asyncio.sleep(MAX_DELAY)  # of a batch
        touched, calls = store.touched, store.counts["touch"]
    await _check(inner)
    await manager.store.close()
    return Written(touched, calls, store.touched - touched)


async def _visit(app: Any, seconds: float) -> None:
    order = random.Random(SEED)
    cookies = [cookie_of(number) for number in range(SESSIONS)]
    for _ in range(REQUESTS):
        await app(scope_of("/plain", order.choice(cookies)), receive, discard)
        await asyncio.sleep(seconds / REQUESTS)


async def _check(store: Store) -> None:
    """Make sure that the activity is stored: not writing is easy."""
    for number in range(SESSIONS):
        found = await store.load(token_of(number).id)
        assert found
        assert time.time() - found.last_seen_at < MINUTE
