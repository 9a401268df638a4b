import pytest

from coatcheck.core.ledger import Search
from coatcheck.watch.audit.checkpoints import Checkpoints
from coatcheck.watch.audit.statements import CHECKPOINT, Statement, own_mark
from coatcheck.watch.audit.waiting import Waiting
from coatcheck.watch.audit.worker import Worker
from tests.watch.audit.support import notary_of

pytestmark = pytest.mark.parametrize("url", ["memory", "sqlite"], indirect=True)


async def made(store) -> list[Statement]:
    return [Statement.read(entry.body) for entry in await store.find(Search(name=CHECKPOINT), None, 100)]


class Hand:
    """A worker in the test's hands, and its checkpoints, one a minute."""

    def __init__(self, store, manager) -> None:
        self._now = manager.now
        self._worker = Worker(manager, store, Waiting())
        self.checkpoints = Checkpoints(store, manager, self._worker, notary_of(self._worker, manager), 60.0)

    async def work(self) -> None:
        await self._worker.write([{"event": "told", "at": self._now()}])


async def test_a_worker_makes_one_once_a_minute_while_it_writes(app, store):
    async with app.worker(checkpoint_every=None) as manager:
        one, other = Hand(store, manager), Hand(store, manager)
        await one.checkpoints.do()
        assert await made(store) == []
        await one.work()
        for _ in range(2):
            await one.checkpoints.do()
            await other.checkpoints.do()
        assert len(await made(store)) == 1
        await one.work()
        await one.checkpoints.do()
        assert len(await made(store)) == 1
        app.clock.advance(61)
        for _ in range(2):
            await one.checkpoints.do()
            await other.checkpoints.do()
        assert len(await made(store)) == 2


async def test_it_names_its_own_last_entry_and_the_newest_checkpoints_of_others_once(app, store):
    async with app.worker(checkpoint_every=None) as manager:
        one, other = Hand(store, manager), Hand(store, manager)
        await one.work()
        await one.checkpoints.do()
        [theirs] = await store.find(Search(name=CHECKPOINT), None, 1)
        for _ in range(2):
            await other.work()
            app.clock.advance(61)
            await other.checkpoints.do()
    last, first, _ = await made(store)
    assert first.chain == last.chain
    assert set(first.chains) == {first.chain, theirs.chain}
    assert set(last.chains) == {last.chain}
    mark = first.chains[theirs.chain]
    assert (mark.seq, mark.digest) == (theirs.seq, theirs.digest.hex())
    assert own_mark(theirs.body) == (theirs.chain, mark)


async def test_at_its_end_a_worker_names_others_though_it_wrote_nothing(app, store):
    async with app.worker(checkpoint_every=None) as manager:
        one, other = Hand(store, manager), Hand(store, manager)
        await one.work()
        await one.checkpoints.make()
        await other.checkpoints.make()
        await other.checkpoints.make()
    last, first = await made(store)
    assert set(last.chains) == set(first.chains)
    assert last.chain not in last.chains


async def test_what_does_not_say_where_it_stands_is_not_named(app, store, attacker):
    assert own_mark({"event": CHECKPOINT, "at": 1.0, "chains": {}}) is None
    assert own_mark({"event": CHECKPOINT}) is None
