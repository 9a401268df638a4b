"""The audit ledger: what it adds to a sign-in and to a read, how fast it is written and verified."""

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.options import Options
from benchmarks.page import Page, Table, Verdict
from benchmarks.servers import ENGINES, MEMORY, Servers
from benchmarks.timing import MICRO, ratio
from coatcheck import SessionManager
from coatcheck.core.entropy import SystemEntropy
from coatcheck.core.events import SessionCreated
from coatcheck.core.events.wire import describe
from coatcheck.login import CHEAPEST, Account, Login, Passwords
from coatcheck.login.passwords import Verified
from coatcheck.stores import open_store
from coatcheck.watch.audit import Audit
from coatcheck.watch.audit.chain import Chain
from coatcheck.watch.audit.verify import verify
from coatcheck.web import SessionMiddleware
from coatcheck.web.api import HttpApi
from tests.web.support import OURS, call, respond

SIGN_IN_LIMIT, READ_LIMIT, VERIFY_LIMIT = 1.15, 1.05, 10.0
ENTRIES = 100_000
WORKERS = 4
BATCH = 500
JSON = OURS | {"content-type": "application/json"}
PASSWORD = "vexing gnomes pack quartz jugs"
ABOUT = """
Microseconds per sign-in, `POST /auth/login` through the whole middleware in process, with a password
that is accepted without hashing, each time another user; median of {rounds} interleaved rounds, {requests}
sign-ins per sample. With the ledger, a sample ends when all its entries are stored: two for each
sign-in. A read is a request of a session that this process remembers. Appending is done by one
process and by {workers}, in batches of {batch}, on two cores that the engine shares. Verifying reads
{entries:,} entries.
"""


class Hashless(Passwords):
    """Accepts every password."""

    async def verify(self, stored: str | None, password: str) -> Verified:
        del stored, password
        return Verified(ok=True)


class Everybody:
    """A user table in which everybody is."""

    async def by_email(self, email: str) -> Account:
        return Account(user_id=email, email=email, password_hash="none")

    by_id = by_email


@dataclass(frozen=True)
class Costs:
    """Seconds of each round, without a ledger and with one."""

    plain: list[float]
    audited: list[float]


def run(options: Options, servers: Servers) -> Page:
    sign_ins = {
        engine: asyncio.run(measure(engine, Application.sign_in, options, servers))
        for engine in (MEMORY, *ENGINES)
    }
    reads = {MEMORY: asyncio.run(measure(MEMORY, Application.read, options, servers))}
    each = ENTRIES // WORKERS
    appended = {
        engine: [append_at_once(servers.fresh(engine), workers, each) for workers in (1, WORKERS)]
        for engine in ENGINES
    }
    verified = {engine: asyncio.run(time_to_verify(servers.fresh(engine), ENTRIES)) for engine in ENGINES}
    return page(sign_ins, reads, appended, verified, options)


def page(
    sign_ins: dict[str, Costs],
    reads: dict[str, Costs],
    appended: dict[str, Sequence[float]],
    verified: dict[str, float],
    options: Options,
) -> Page:
    """Return what is said of it."""
    rows, verdicts = [], []
    for what, limit, found in (("sign-in", SIGN_IN_LIMIT, sign_ins), ("warm read", READ_LIMIT, reads)):
        for engine, cost in found.items():
            added = ratio(cost.audited, cost.plain)
            shown = (f"{median(each) * MICRO:.1f}" for each in (cost.plain, cost.audited))
            rows.append((f"{engine}, {what}", *shown, f"{added:.3f}"))
            verdicts.append(Verdict(f"{engine}: a {what}, of one without the ledger", limit, added))
    rates = [(engine, *(f"{rate:,.0f}" for rate in found)) for engine, found in appended.items()]
    times = [(engine, f"{seconds:.1f}") for engine, seconds in verified.items()]
    verdicts += [
        Verdict(f"{engine}: {ENTRIES:,} entries verified", VERIFY_LIMIT, seconds, unit="s")
        for engine, seconds in verified.items()
    ]
    tables = [
        Table("Sign-in and read", ("what", "without", "with the ledger", "ratio"), rows),
        Table("Appending, entries per second", ("store", "one worker", f"{WORKERS} workers"), rates),
        Table("Verifying, seconds", ("store", f"{ENTRIES:,} entries"), times),
    ]
    about = ABOUT.format(
        rounds=options.rounds, requests=options.requests, workers=WORKERS, batch=BATCH, entries=ENTRIES
    )
    return Page("What the audit ledger costs", about, tables, verdicts)


@asynccontextmanager
async def application(url: str, *, audited: bool) -> AsyncIterator["Application"]:
    """An application with sign-in, with or without a ledger."""
    store = open_store(url, near=True)
    audit = Audit(checkpoint_every=None)
    passwords = Hashless(CHEAPEST)
    async with SessionManager[Any](store, observers=[audit] if audited else []) as manager:
        login = Login(manager, Everybody(), passwords=passwords)  # type: ignore[arg-type]  # no more is asked
        yield Application(manager, SessionMiddleware(respond(), manager, api=HttpApi(login)), audit)
    passwords.close()
    await store.close()


class Application:
    """People who sign in, each once, and one who comes again and again."""

    def __init__(self, manager: SessionManager[Any], app: Any, audit: Audit) -> None:
        self._manager = manager
        self._app = app
        self._audit = audit
        self._number = 0
        self._token = ""

    async def sign_in(self, times: int) -> float:
        """Return seconds for each sign-in, until all of it is stored."""
        begin = time.perf_counter()
        for _ in range(times):
            number = self._number = self._number + 1
            body = f'{{"email": "user{number}@example.test", "password": "{PASSWORD}"}}'.encode()
            address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"  # none is throttled
            answer = await call(self._app, "POST", "/auth/login", JSON, body, client=(address, 5))
            assert answer.status == 200, answer.body
        await self._audit.write()
        self._token = answer.cookie()
        return (time.perf_counter() - begin) / times

    async def read(self, times: int) -> float:
        """Return seconds for each read."""
        if not self._token:
            await self.sign_in(1)
        begin = time.perf_counter()
        for _ in range(times):
            await self._manager.close(await self._manager.open(self._token))
        return (time.perf_counter() - begin) / times


Sample = Callable[[Application, int], Awaitable[float]]


async def measure(engine: str, sample: Sample, options: Options, servers: Servers) -> Costs:
    """Take samples with and without a ledger, in turns."""
    costs = Costs([], [])
    async with (
        application(servers.fresh(engine), audited=False) as plain,
        application(servers.fresh(engine), audited=True) as audited,
    ):
        for number in range(options.rounds + 1):
            without, with_ledger = [await sample(app, options.requests) for app in (plain, audited)]
            if number:  # the first is for caches and connections
                costs.plain.append(without)
                costs.audited.append(with_ledger)
    return costs


def append_at_once(url: str, workers: int, entries: int) -> float:
    """Return how many entries a second so many processes append, each so many."""
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_append_apart, [url] * workers, [0] * workers))  # started, imported, connected once
        begin = time.perf_counter()
        list(pool.map(_append_apart, [url] * workers, [entries] * workers))
        return workers * entries / (time.perf_counter() - begin)


def _append_apart(url: str, entries: int) -> None:
    asyncio.run(append(url, entries))


async def append(url: str, entries: int) -> None:
    """Append so many entries, as a worker does."""
    store: Any = open_store(url)
    chain = Chain(SystemEntropy())
    for begin in range(0, entries, BATCH):
        events = (
            SessionCreated(at=time.time(), session_id=f"{number:032x}", user_id=f"user-{number % 1_000}")
            for number in range(begin, min(begin + BATCH, entries))
        )
        batch = chain.extend([describe(event) for event in events])
        await store.append(batch)
        chain.last = batch[-1]
    await store.close()


async def time_to_verify(url: str, entries: int) -> float:
    """Return the seconds that it takes to verify so many entries."""
    await append(url, entries)
    store = open_store(url)
    begin = time.perf_counter()
    report = await verify(store)
    seconds = time.perf_counter() - begin
    await store.close()
    assert (report.entries, report.findings) == (entries, [])
    return seconds
