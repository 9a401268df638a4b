import pytest

from coatcheck.core.ledger import Search
from coatcheck.watch.audit.checkpoints import Checkpoints
from coatcheck.watch.audit.statements import CHECKPOINT, Statement
from tests.watch.audit.support import notary

pytestmark = pytest.mark.parametrize("url", ["memory", "sqlite"], indirect=True)


async def made(store) -> list[Statement]:
    return [Statement.read(entry.body) for entry in await store.find(Search(name=CHECKPOINT), None, 100)]


async def test_one_worker_makes_it_for_all_once_a_minute_while_something_happens(app, store):
    async with app.worker(checkpoint_every=None) as one, app.worker(checkpoint_every=None) as other:
        workers = [Checkpoints(store, manager, notary(manager), 60.0) for manager in (one, other)]
        for worker in workers:
            await worker.do()
        assert await made(store) == []
        async with app.worker(checkpoint_every=None) as third:
            await app.sign_in(third)
        for worker in (*workers, *workers):
            await worker.do()
        assert len(await made(store)) == 1
        app.clock.advance(61)
        for worker in workers:
            await worker.do()
        assert len(await made(store)) == 1
        async with app.worker(checkpoint_every=None) as fourth:
            await app.sign_in(fourth)
        for worker in workers:
            await worker.do()
        assert len(await made(store)) == 2


async def test_it_names_what_moved_and_the_checkpoint_before_it(app, store):
    async with app.worker() as manager:
        await app.sign_in(manager)
    async with app.worker() as manager:
        await app.sign_in(manager)
    last, first = await made(store)
    assert len(first.chains) == 1
    assert set(first.chains) < set(last.chains)
    [entry] = await store.find(Search(name=CHECKPOINT), None, 1)
    assert last.chains[entry.chain].seq == entry.seq - 1
