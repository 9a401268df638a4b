"""Revocation: from its acknowledgement until each of four busy workers refuses the session."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from statistics import median
from typing import Any
from urllib.parse import quote, urlsplit

from benchmarks.options import Options
from benchmarks.page import Page, Row, Table, Verdict
from benchmarks.servers import ENGINES, POSTGRES, REDIS, Servers
from benchmarks.sessions import cookie_of, session_of, token_of
from benchmarks.timing import MILLI, percentile
from benchmarks.worker import Refusal, workers
from coatcheck import SessionManager
from coatcheck.stores import open_store
from coatcheck.stores.near.listening import STALENESS
from tests.fault.proxy import Proxy

WORKERS = 4
LIMIT = 50.0  # milliseconds
REVOCATIONS, CUT = 250, 10
PAUSE = 0.02  # seconds at most, before a revocation
SEED = 17
ABOUT = """
Milliseconds from the moment at which `manager.revoke` returned in one process until {workers} others
refused the session, each with its near-cache and under load: in-process ASGI, a quarter of the time
busy, so that they keep two cores half busy beside the engine. A request of the session is made every
millisecond; a refusal that came before the acknowledgement counts as 0. {revocations} revocations,
{samples} refusals. "cut" swallows every byte of the feed just before the revocation, as a dead switch
does (on Redis of everything, the store as well), {cut} times: there the last request that was admitted
counts.
"""

Refusals = list[tuple[float, Refusal]]
"""When a revocation was acknowledged, and what a worker saw."""


def run(_options: Options, servers: Servers) -> Page:
    whole = {engine: asyncio.run(revoke(servers.fresh(engine), REVOCATIONS)) for engine in ENGINES}
    cut = {engine: asyncio.run(cut_off(servers.fresh(engine), CUT)) for engine in (POSTGRES, REDIS)}
    return page(whole, cut)


def page(whole: dict[str, Refusals], cut: dict[str, Refusals]) -> Page:
    """Return what is said of the refusals."""
    rows, verdicts = [], []
    for engine, refusals in whole.items():
        waits = [max(0.0, refusal.refused - at) * MILLI for at, refusal in refusals]
        rows.append(_row(engine, waits, sum(refusal.requests for _, refusal in refusals)))
        verdicts.append(Verdict(f"{engine}: p99 of a revocation", LIMIT, percentile(waits, 99), unit="ms"))
    for engine, refusals in cut.items():
        waits = [max(0.0, refusal.admitted - at) * MILLI for at, refusal in refusals]
        rows.append(_row(f"{engine}, cut", waits, sum(refusal.requests for _, refusal in refusals)))
        verdicts.append(Verdict(f"{engine}, feed cut: the longest", STALENESS * MILLI, max(waits), unit="ms"))
    samples = REVOCATIONS * WORKERS
    about = ABOUT.format(workers=WORKERS, revocations=REVOCATIONS, samples=samples, cut=CUT)
    head = ("store", "median", "p90", "p99", "longest", "other requests")
    return Page("How fast a revocation counts", about, [Table("Revocation", head, rows)], verdicts)


def _row(name: str, waits: Sequence[float], requests: int) -> Row:
    figures = (median(waits), percentile(waits, 90), percentile(waits, 99), max(waits))
    return (name, *(f"{figure:.1f}" for figure in figures), f"{requests:,}")


async def revoke(url: str, times: int) -> Refusals:
    """Revoke sessions one after the other."""
    with workers(WORKERS, url) as ends:
        return await _trials(url, ends, times, lambda: None, lambda: None)


async def cut_off(url: str, times: int) -> Refusals:
    """Do that while the workers' feed is dead."""
    proxy = Proxy(urlsplit(url).port or 0)
    with ExitStack() as stack:
        stack.enter_context(proxy.running())
        there = url.replace(f":{proxy.target}/", f":{proxy.port}/")
        through = f"{url}?feed_url={quote(there, safe='')}" if url.startswith("postgresql:") else there
        ends = stack.enter_context(workers(WORKERS, through))
        return await _trials(url, ends, times, proxy.freeze, proxy.heal)


async def _trials(
    url: str, ends: list[Connection], times: int, before: Callable[[], None], after: Callable[[], None]
) -> Refusals:
    store = open_store(url)
    manager: SessionManager[Any] = SessionManager(store)
    order = random.Random(SEED)
    found: Refusals = []
    for number in range(times):
        await store.create(session_of(number, time.time()))
        for end in ends:
            end.send(cookie_of(number))
        for end in ends:
            assert await asyncio.to_thread(end.recv)
        await asyncio.sleep(order.uniform(0.0, PAUSE))
        before()
        assert await manager.revoke(token_of(number).id)
        at = time.monotonic()
        found += [(at, await asyncio.to_thread(end.recv)) for end in ends]
        after()
    await store.close()
    return found
