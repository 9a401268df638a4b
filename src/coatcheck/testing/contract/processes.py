"""Several processes on one store: the same promises as in one."""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing.synchronize import Barrier
from typing import Any

import msgspec
import pytest

from coatcheck.core.change import Change, DataChange
from coatcheck.core.errors import TooManySessions
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Ending, Rows, Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.rows import count_up
from coatcheck.testing.contract.sample import NOW, sample_record, sets

Opener = Callable[[], Store]
Job = Callable[[Store, int], Awaitable[Any]]

PROCESSES = 4
WRITERS = 50
SAVES_EACH = 4
AT_ONCE = 50
START_SECONDS = 60.0

# In a child process: what it waits at, so that nobody is done before the last has begun.
_started_together: list[Barrier] = []


async def in_processes(opener: Opener | None, job: Job) -> list[Any]:
    """Run a job on the store in several processes at once; return what each made of it."""
    if opener is None:
        pytest.skip("no other process can open this store")
    loop = asyncio.get_running_loop()
    running = [loop.run_in_executor(_pool(), _run, opener, job, part) for part in range(PROCESSES)]
    try:
        return list(await asyncio.gather(*running))
    except BaseException:
        _pool.cache_clear()  # some may wait for one that will not come
        raise


@cache
def _pool() -> ProcessPoolExecutor:
    """Return processes that stay for every test to come: starting them takes longer than a job.

    They are not forked: a child would inherit a test's connections and threads.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(PROCESSES, timeout=START_SECONDS)
    return ProcessPoolExecutor(PROCESSES, context, _join, (barrier,))


class ProcessesContract(StoreCase):
    """Runs for stores that another process can open."""

    async def test_fifty_writers_in_four_processes_lose_nothing(self, store: Store) -> None:
        record = sample_record("shared")
        await store.create(record)
        await in_processes(self.opener(), _write)
        found = await store.load(record.id)
        assert isinstance(found, Record)
        expected = {f"w{writer}": SAVES_EACH - 1 for writer in range(WRITERS)}
        assert msgspec.json.decode(found.data) == {**expected, "saves": WRITERS * SAVES_EACH}
        assert found.rev == record.rev + WRITERS * SAVES_EACH

    async def test_nothing_revives_in_any_race_between_processes(self, store: Store) -> None:
        for start in range(0, self.races, AT_ONCE):
            seeds = range(start, start + AT_ONCE)
            await asyncio.gather(*(store.create(sample_record(seed)) for seed in seeds))
        await in_processes(self.opener(), partial(_end_or_save, self.races))
        for seed in range(self.races):
            found = await store.load(sample_record(seed).id)
            assert isinstance(found, Tombstone)
            assert found.reason is Reason.REVOKED

    async def test_the_cap_holds_across_processes(self, store: Store) -> None:
        await in_processes(self.opener(), _sign_in)
        assert len((await store.user("evicting")).ids) == 3
        assert len((await store.user("denying")).ids) == 3

    async def test_small_rows_count_right_across_processes(self, store: Store) -> None:
        if not isinstance(store, Rows):
            pytest.skip("the store has no small rows")
        await in_processes(self.opener(), _count)
        row = await store.row("hits")
        assert row is not None
        assert row.value == str(PROCESSES * 10).encode()

    async def test_a_write_is_seen_at_once_elsewhere(self, store: Store) -> None:
        record = sample_record("shared", "u-1", data=b'{"a":1}')
        await store.create(record)
        assert await in_processes(self.opener(), _look) == [record] * PROCESSES


def _join(barrier: Barrier) -> None:
    _started_together.append(barrier)


def _run(opener: Opener, job: Job, part: int) -> Any:
    return asyncio.run(_with_store(opener, job, part))


async def _with_store(opener: Opener, job: Job, part: int) -> Any:
    store = opener()
    try:
        await store.load("0" * 32)  # what is opened at first use is open before the race begins
        _started_together[0].wait()
        return await job(store, part)
    finally:
        await store.close()


async def _write(store: Store, part: int) -> None:
    id = sample_record("shared").id

    async def writer(number: int) -> None:
        for turn in range(SAVES_EACH):
            data = DataChange(sets=sets(**{f"w{number}": turn}).sets, increments={"saves": 1})
            await store.save(id, Change(data=data))

    await asyncio.gather(*(writer(number) for number in range(part, WRITERS, PROCESSES)))


async def _end_or_save(races: int, store: Store, part: int) -> None:
    """One process ends the sessions one by one while the others write to them."""

    async def act(seed: int) -> None:
        id = sample_record(seed).id
        if part == 0:
            await store.end([Ending(id, Reason.REVOKED, NOW + 1)])
        elif part == 1:
            await store.touch([(id, NOW + 2)])
        else:
            await store.save(id, Change(data=sets(**{f"by{part}": seed}), seen_at=NOW + 3))

    for start in range(0, races, AT_ONCE):
        await asyncio.gather(*(act(seed) for seed in range(start, start + AT_ONCE)))


async def _sign_in(store: Store, part: int) -> None:
    for turn in range(8):
        seed = f"{part} {turn}"
        await store.create(sample_record(f"evicting {seed}", "evicting"), 0, Cap(3))
        try:
            await store.create(sample_record(f"denying {seed}", "denying"), 0, Cap(3, "deny"))
        except TooManySessions:
            continue


async def _count(store: Store, part: int) -> None:
    del part
    assert isinstance(store, Rows)
    for _ in range(10):
        await count_up(store, "hits")


async def _look(store: Store, part: int) -> Record | Tombstone | None:
    del part
    return await store.load(sample_record("shared").id)
