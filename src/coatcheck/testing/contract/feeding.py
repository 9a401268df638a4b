"""The skill `Feed`: what changed is told everywhere, after it is stored, and nothing is missed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Self

import pytest
import pytest_asyncio

from coatcheck.core.change import Change
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Cap, Ending, Feed, Store
from coatcheck.testing.contract.case import StoreCase
from coatcheck.testing.contract.processes import PROCESSES, in_processes
from coatcheck.testing.contract.sample import NOW, sample_record, sets

PATIENCE = 30.0  # seconds; a feed takes milliseconds, a busy machine longer
EACH = 50
BEATS = 3


class Listener:
    """Somebody who listens, and reads at once what they hear of.

    Attributes:
        found: What the store held, by id, when the listener last heard of it.
        heard: Every id, as often as it was told.
        items: How many items came, heartbeats included.
        beats: How many of them were heartbeats.
    """

    def __init__(self, store: Store) -> None:
        assert isinstance(store, Feed)
        self.found: dict[str, Record | Tombstone | None] = {}
        self.heard: list[str] = []
        self.items = self.beats = 0
        self._store = store
        self._feed = store.feed()
        self._news = asyncio.Condition()

    @classmethod
    @asynccontextmanager
    async def on(cls, store: Store) -> AsyncIterator[Self]:
        """Listen from here on: when this is entered, the feed has said that nothing will be missed."""
        listener = cls(store)
        assert await anext(listener._feed) == ()
        task = asyncio.create_task(listener._listen())
        try:
            yield listener
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await listener._feed.aclose()

    async def hears(self, ids: Collection[str]) -> None:
        """Wait until all of these were told."""
        await self.until(lambda: self.found.keys() >= set(ids))

    async def counts(self, items: int) -> None:
        """Wait until so many items came."""
        await self.until(lambda: self.items >= items)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that the feed brings about."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(condition)

    async def _listen(self) -> None:
        async for ids in self._feed:
            found = {id: await self._store.load(id) for id in ids}
            async with self._news:
                self.items += 1
                self.beats += not ids
                self.heard += ids
                self.found |= found
                self._news.notify_all()


class FeedingContract(StoreCase):
    """Runs for stores that have the skill."""

    @pytest_asyncio.fixture
    async def listener(self, store: Store) -> AsyncIterator[Listener]:
        """Somebody who listens to the store under test."""
        if not isinstance(store, Feed):
            pytest.skip("the store has no feed")
        async with Listener.on(store) as listener:
            yield listener

    async def test_what_is_told_is_stored(self, store: Store, listener: Listener) -> None:
        record = sample_record(1)
        await store.create(record)
        await listener.hears([record.id])
        assert listener.found.pop(record.id) == record
        saved = await store.save(record.id, Change(data=sets(a=1)))
        await listener.hears([record.id])
        assert listener.found.pop(record.id) == saved
        await store.end([Ending(record.id, Reason.REVOKED, NOW + 1)])
        await listener.hears([record.id])
        assert listener.found.pop(record.id) == record.entomb(Reason.REVOKED, NOW + 1)

    async def test_an_evicted_session_is_told(self, store: Store, listener: Listener) -> None:
        first, second = sample_record(1, "u-1"), sample_record(2, "u-1", created_at=NOW + 1)
        await store.create(first)
        await store.create(second, 0, Cap(1))
        await listener.hears([first.id, second.id])
        assert isinstance(await store.load(first.id), Tombstone)

    async def test_the_end_of_an_unknown_session_is_told(self, store: Store, listener: Listener) -> None:
        unknown = sample_record(1).id
        await store.end([Ending(unknown, Reason.REVOKED, NOW)])
        await listener.hears([unknown])
        assert isinstance(listener.found[unknown], Tombstone)

    async def test_a_touch_is_silent(self, store: Store, listener: Listener) -> None:
        touched, other = sample_record(1), sample_record(2)
        await store.create(touched)
        await listener.hears([touched.id])
        listener.heard.clear()
        await store.touch([(touched.id, NOW + 60)])
        await store.create(other)
        await listener.hears([other.id])
        assert set(listener.heard) == {other.id}

    async def test_heartbeats_go_on(self, listener: Listener) -> None:
        await listener.counts(3)
        assert listener.heard == []

    async def test_heartbeats_go_on_while_much_changes(self, store: Store, listener: Listener) -> None:
        record = sample_record(1)
        await store.create(record)
        async with asyncio.timeout(PATIENCE):
            while listener.beats < BEATS:
                await store.save(record.id, Change(data=sets(a=listener.beats)))
                await asyncio.sleep(0)
        assert record.id in listener.heard

    async def test_every_subscription_hears_everything(self, store: Store, listener: Listener) -> None:
        records = [sample_record(seed) for seed in range(EACH)]
        async with Listener.on(store) as second, Listener.on(store) as third:
            await asyncio.gather(*(store.create(record) for record in records))
            for each in (listener, second, third):
                await each.hears([record.id for record in records])

    async def test_who_leaves_is_in_nobodys_way(self, store: Store, listener: Listener) -> None:
        async with Listener.on(store):
            pass
        await store.create(sample_record(1))
        await listener.hears([sample_record(1).id])

    async def test_nothing_is_missed_by_who_joins_while_others_write(self, store: Store) -> None:
        if not isinstance(store, Feed):
            pytest.skip("the store has no feed")
        begun: list[str] = []
        stored: set[str] = set()

        async def write(part: int) -> None:
            for turn in range(EACH):
                record = sample_record(f"{part} {turn}")
                begun.append(record.id)
                await store.create(record)
                stored.add(record.id)
                await asyncio.sleep(0)

        writing = asyncio.gather(*(write(part) for part in range(4)))
        async with Listener.on(store) as listener:
            # What can be read by now is in nobody's cache as anything older.
            known = stored | {id for id in set(begun) - stored if await store.load(id)}
            await writing
            await listener.hears(set(begun) - known)

    async def test_other_processes_are_heard(self, listener: Listener) -> None:
        await in_processes(self.opener(), _write)
        seeds = [f"{part} {turn}" for part in range(PROCESSES) for turn in range(EACH)]
        await listener.hears([sample_record(seed).id for seed in seeds])
        ended = [sample_record(f"{part} 0").id for part in range(PROCESSES)]
        await listener.until(lambda: all(isinstance(listener.found[id], Tombstone) for id in ended))

    async def test_a_closed_store_cuts_its_feed(self, store: Store) -> None:
        if not isinstance(store, Feed):
            pytest.skip("the store has no feed")
        feed = store.feed()
        await anext(feed)
        await store.close()
        with pytest.raises(StoreUnavailable):
            await asyncio.wait_for(_exhaust(feed), PATIENCE)


async def _exhaust(feed: AsyncIterator[tuple[str, ...]]) -> None:
    async for _ in feed:
        pass


async def _write(store: Store, part: int) -> None:
    async def write(turn: int) -> None:
        record = sample_record(f"{part} {turn}")
        await store.create(record)
        if turn == 0:
            await store.end([Ending(record.id, Reason.REVOKED, NOW)])

    await asyncio.gather(*(write(turn) for turn in range(EACH)))
