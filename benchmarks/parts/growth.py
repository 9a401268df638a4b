"""Growth: what a store's size does to a read and to a sign-in."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median

from benchmarks.options import Options
from benchmarks.page import Page, Table, Verdict
from benchmarks.servers import ENGINES, MEMORY, Servers
from benchmarks.sessions import fill, session_of, token_of
from benchmarks.timing import MICRO, Act, each, ratio
from coatcheck.core.store import Cap, Store
from coatcheck.stores import open_store

LIMIT = 1.2
SMALL, LARGE, MILLION = 10_000, 100_000, 1_000_000
SEED = 17
FLOOR = "a dict's get"
ABOUT = """
Microseconds per call, one call at a time, of stores that hold so many sessions of as many users, with
200 bytes of data each: medians of {rounds} interleaved rounds, {calls} calls per sample (the median run
of 20 counts). "load" reads a session chosen at random; "create" signs another user in. The engines are
on the same machine; PostgreSQL waits for the disk, and has 1 GB of buffers. "{floor}" looks into a dict
with as many ids and nothing else: what is in memory cannot take less.
"""

Samples = dict[tuple[str, int], list[float]]
"""Seconds per call, by verb and number of sessions."""


def run(options: Options, servers: Servers) -> Page:
    sizes = (SMALL, MILLION if options.million else LARGE)
    found = {engine: asyncio.run(measure(engine, sizes, options, servers)) for engine in (MEMORY, *ENGINES)}
    return page(found, sizes, options)


def page(found: dict[str, Samples], sizes: tuple[int, int], options: Options) -> Page:
    """Return what is said of the samples."""
    small, large = sizes
    rows, verdicts = [], []
    for engine, samples in found.items():
        for verb in dict.fromkeys(verb for verb, _ in samples):
            share = ratio(samples[verb, large], samples[verb, small])
            middles = [f"{median(samples[verb, size]) * MICRO:.1f}" for size in sizes]
            rows.append((engine, verb, *middles, f"{share:.2f}"))
            if verb != FLOOR:
                verdicts.append(Verdict(f"{engine}, {verb}: {large:,} sessions, of {small:,}", LIMIT, share))
    head = ("store", "call", f"{small:,} sessions", f"{large:,} sessions", "ratio")
    about = ABOUT.format(rounds=options.rounds, calls=options.requests, floor=FLOOR)
    return Page("What growth costs", about, [Table("Growth", head, rows)], verdicts)


async def measure(engine: str, sizes: tuple[int, int], options: Options, servers: Servers) -> Samples:
    """Fill two stores, then measure both by turns."""
    now = time.time()
    stores = {}
    for size in sizes:
        url = servers.fresh(engine)
        stores[size] = open_store(url)
        await fill(stores[size], url, range(size), now)
    acts = {
        (verb, size): make(store, size, now)
        for size, store in stores.items()
        for verb, make in {"load": _loading, "create": _creating}.items()
    }
    if engine == MEMORY:
        acts |= {(FLOOR, size): _loading(Ids(size), size, now) for size in sizes}
    samples: Samples = {key: [] for key in acts}
    order = random.Random(SEED)
    for _ in range(options.rounds):
        for key in order.sample(list(acts), len(acts)):
            act = acts[key](options.requests)
            samples[key].append(await each(act, options.requests))
    for store in stores.values():
        await store.close()
    return samples


class Ids:
    """A dict with the ids of so many sessions, which is asked as a store is."""

    def __init__(self, size: int) -> None:
        self._ids = dict.fromkeys((token_of(number).id for number in range(size)), 0)

    async def load(self, id: str) -> int | None:
        return self._ids.get(id)


def _loading(store: Store | Ids, size: int, _now: float) -> Callable[[int], Act]:
    """Return what prepares so many loads: the ids are chosen beforehand."""
    order = random.Random(SEED)

    def prepared(calls: int) -> Act:
        ids = iter([token_of(order.randrange(size)).id for _ in range(calls)])
        return lambda: store.load(next(ids))

    return prepared


def _creating(store: Store, size: int, now: float) -> Callable[[int], Act]:
    numbers: Iterator[int] = count(size)

    def prepared(calls: int) -> Act:
        records = iter([session_of(next(numbers), now) for _ in range(calls)])
        return lambda: store.create(next(records), 0, Cap())

    return prepared
