"""A cold read: a store's `load`, beside what the driver alone takes to fetch the same row."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median
from typing import Any

import asyncpg
from redis.asyncio import Redis

from benchmarks.options import Options
from benchmarks.page import Page, Table, Verdict
from benchmarks.servers import ENGINES, POSTGRES, SQLITE, Servers
from benchmarks.sessions import fill, session_of, token_of
from benchmarks.timing import MICRO, Act, each, ratio
from coatcheck import SessionManager
from coatcheck.core.record import Record
from coatcheck.stores import open_store, sqlite_path
from coatcheck.stores.postgres import statements
from coatcheck.stores.redis.keys import Keys

LIMIT = 1.3
SESSIONS = 1_000
SELECT = "SELECT record, ended_at FROM coatcheck_sessions WHERE id = ?"
ABOUT = """
Microseconds per call: medians of {rounds} interleaved rounds, {calls} calls per sample (the median run
of 20 counts), one at a time, on the same machine. "driver" is `execute(...).fetchone()` of `sqlite3`,
`connection.fetch` of asyncpg and `get` of redis-py, on a connection of its own, for the same row with
the same statement. "load" makes a record of it; "open" judges a cookie on it too. The store has
{sessions} sessions with 200 bytes of data each.
"""

Samples = dict[str, list[float]]


def run(options: Options, servers: Servers) -> Page:
    found = {engine: asyncio.run(measure(engine, options, servers)) for engine in ENGINES}
    return page(found, options)


def page(found: dict[str, Samples], options: Options) -> Page:
    """Return what is said of the samples, in seconds."""
    rows, verdicts = [], []
    for engine, samples in found.items():
        share = ratio(samples["load"], samples["driver"])
        middles = [f"{median(samples[act]) * MICRO:.1f}" for act in ("driver", "load", "open")]
        rows.append((engine, *middles, f"{share:.2f}"))
        verdicts.append(Verdict(f"{engine}: load, of the driver's call", LIMIT, share))
    head = ("store", "driver", "load", "open", "load, of the driver's")
    about = ABOUT.format(rounds=options.rounds, calls=options.requests, sessions=SESSIONS)
    return Page("What a cold read costs", about, [Table("Cold read", head, rows)], verdicts)


async def measure(engine: str, options: Options, servers: Servers) -> Samples:
    """Return seconds per call, a sample of each a round."""
    url = servers.fresh(engine)
    store = open_store(url)
    now = time.time()
    await fill(store, url, range(SESSIONS), now)
    id, text = session_of(SESSIONS // 2, now).id, token_of(SESSIONS // 2).text
    manager: SessionManager[Any] = SessionManager(store)
    assert isinstance(await store.load(id), Record)
    async with raw(engine, url, id) as driver:
        assert await driver()
        acts: dict[str, Act] = {
            "driver": driver,
            "load": lambda: store.load(id),
            "open": lambda: manager.open(text, fresh=True),
        }
        samples: Samples = {name: [] for name in acts}
        for number in range(options.rounds):
            order = list(acts.items())
            for name, act in order[number % 3 :] + order[: number % 3]:
                samples[name].append(await each(act, options.requests))
    await store.close()
    return samples


@asynccontextmanager
async def raw(engine: str, url: str, id: str) -> AsyncIterator[Act]:
    """The call of the driver, on a connection of its own."""
    if engine == SQLITE:
        file = sqlite3.connect(str(sqlite_path(url)), isolation_level=None)

        async def select() -> Any:
            return file.execute(SELECT, (id,)).fetchone()

        yield select
        file.close()
    elif engine == POSTGRES:
        connection = await asyncpg.connect(url)
        yield lambda: connection.fetch(statements.LOAD, id)
        await connection.close()
    else:
        async with Redis.from_url(url) as client:
            key = Keys("coatcheck").session(id)
            yield lambda: client.get(key)
