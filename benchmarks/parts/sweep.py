"""Sweeping: what a read notices while another process deletes half a million expired sessions."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from benchmarks.options import Options
from benchmarks.page import Page, Table, Verdict
from benchmarks.servers import ENGINES, Servers
from benchmarks.sessions import fill, token_of
from benchmarks.timing import MILLI, percentile
from coatcheck.core.lifetimes import DAY
from coatcheck.core.record import Record
from coatcheck.core.store import Store
from coatcheck.stores import open_store

LIMIT = 3.0
LIVE, EXPIRED = 10_000, 500_000
QUIET_SECONDS = 10.0
PAUSE = 0.002  # seconds between two reads
SEED = 17
ABOUT = """
Milliseconds per read of a live session chosen at random, a read every {pause:g} ms in one process,
without the near-cache, while `coatcheck sweep` runs in another: {expired:,} sessions expired long ago,
{live:,} are alive. "quiet" is the same for {quiet:g} seconds before. Reader, sweeper and engine share
the machine's cores.
"""


@dataclass(frozen=True)
class Reads:
    """Seconds per read before and during the sweep, and how long that took."""

    quiet: list[float]
    swept: list[float]
    seconds: float


def run(_options: Options, servers: Servers) -> Page:
    found = {
        engine: asyncio.run(measure(servers.fresh(engine), LIVE, EXPIRED, QUIET_SECONDS))
        for engine in ENGINES
    }
    return page(found, EXPIRED)


def page(found: dict[str, Reads], expired: int) -> Page:
    """Return what is said of the reads."""
    rows, verdicts = [], []
    for engine, reads in found.items():
        quiet, swept = percentile(reads.quiet, 99), percentile(reads.swept, 99)
        rows.append(
            (
                engine,
                *(f"{value * MILLI:.2f}" for value in (median(reads.quiet), quiet)),
                *(f"{value * MILLI:.2f}" for value in (median(reads.swept), swept)),
                f"{reads.seconds:.1f}",
                f"{expired / reads.seconds:,.0f}",
            )
        )
        verdicts.append(Verdict(f"{engine}: p99 while sweeping, of the quiet one", LIMIT, swept / quiet))
    head = ("store", "quiet", "quiet p99", "sweeping", "sweeping p99", "seconds", "deleted per second")
    about = ABOUT.format(pause=PAUSE * MILLI, expired=expired, live=LIVE, quiet=QUIET_SECONDS)
    return Page("What a sweep costs", about, [Table("Reads", head, rows)], verdicts)


async def measure(url: str, live: int, expired: int, quiet: float) -> Reads:
    """Fill a store, then read it: undisturbed first, then while it is swept."""
    store = open_store(url)
    now = time.time()
    await fill(store, url, range(live), now)
    await fill(store, url, range(live, live + expired), now - 30 * DAY)
    until = time.monotonic() + quiet
    before = await _read(store, live, lambda: time.monotonic() < until)
    command = [sys.executable, "-c", "from coatcheck.cli import main; main()", "sweep", "--database", url]
    begin = time.monotonic()
    with subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True) as sweeper:  # noqa: ASYNC220 - takes ms
        during = await _read(store, live, lambda: sweeper.poll() is None)
        assert sweeper.stdout
        answer = sweeper.stdout.read()
    seconds = time.monotonic() - begin
    await store.close()
    assert f'"deleted": {expired}' in answer, answer
    return Reads(before, during, seconds)


async def _read(store: Store, live: int, goes_on: Callable[[], bool]) -> list[float]:
    order = random.Random(SEED)
    ids = [token_of(number).id for number in order.sample(range(live), min(live, 1_000))]
    taken = []
    while goes_on():
        id = order.choice(ids)
        begin = time.perf_counter()
        found = await store.load(id)
        taken.append(time.perf_counter() - begin)
        assert isinstance(found, Record)
        await asyncio.sleep(PAUSE)
    return taken
