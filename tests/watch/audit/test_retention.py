import msgspec
import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events import SessionCreated
from coatcheck.core.events.wire import describe
from coatcheck.core.ledger import Entry, Search
from coatcheck.core.lifetimes import DAY, HOUR
from coatcheck.watch.audit import Audit, retention
from coatcheck.watch.audit.chain import canonical
from coatcheck.watch.audit.retention import Retention
from coatcheck.watch.audit.statements import FORGOTTEN
from coatcheck.watch.audit.verify import verify
from coatcheck.watch.audit.waiting import Waiting
from coatcheck.watch.audit.worker import Worker
from tests.watch.audit.support import notary, recomputed

pytestmark = pytest.mark.parametrize("url", ["memory", "sqlite"], indirect=True)


async def forget(app) -> None:
    """Let a worker forget what is older than two days, as it does every hour."""
    async with app.worker(checkpoint_every=None) as manager:
        await Retention(app.store, manager, notary(manager), 2 * DAY).do()


async def live_for_days(app, days: int) -> None:
    """Start a worker each day, and one that is there all the time."""
    async with app.worker(checkpoint_every=None) as steady:
        worker = Worker(steady, app.store, Waiting())
        for _ in range(days):
            async with app.worker() as manager:
                await app.sign_in(manager)
            await worker.write([describe(SessionCreated(at=app.clock.now(), session_id="0a"))])
            app.clock.advance(DAY)


async def test_what_is_old_is_gone_and_the_rest_is_in_order(app, store):
    await live_for_days(app, 6)
    before = await app.entries()
    await forget(app)
    after = await app.entries()
    assert {entry.place for entry in after} < {entry.place for entry in before} | {after[-1].place}
    assert min(entry.at for entry in after) >= app.clock.now() - 2 * DAY
    assert after[-1].name == FORGOTTEN
    report = await verify(store)
    assert report.findings == []


async def test_it_is_in_order_after_every_day_of_a_week(app, store):
    for _ in range(7):
        await live_for_days(app, 1)
        await forget(app)
        assert (await verify(store)).findings == []


async def test_nobody_comes_again_within_the_hour(app, store):
    await live_for_days(app, 4)
    await forget(app)
    statements = await store.find(Search(name=FORGOTTEN), None, 10)
    app.clock.advance(HOUR / 2)
    await forget(app)
    assert await store.find(Search(name=FORGOTTEN), None, 10) == statements


async def test_what_is_young_stays(app, store):
    await live_for_days(app, 1)
    before = await app.entries()
    await forget(app)
    assert await app.entries() == before


async def test_a_long_chain_goes_in_steps(app, store, monkeypatch):
    monkeypatch.setattr(retention, "_BATCH", 3)
    monkeypatch.setattr(retention, "MOST_FORGOTTEN", 4)
    async with app.worker() as manager:
        for _ in range(12):
            await app.sign_in(manager)
    app.clock.advance(3 * DAY)
    await forget(app)
    assert {entry.name for entry in await app.entries()} == {FORGOTTEN}
    assert (await verify(store)).findings == []


async def test_a_damaged_statement_is_told_and_stops_nothing(app, store, attacker):
    await live_for_days(app, 4)
    await forget(app)

    def damage(entries: list[Entry]) -> list[Entry]:
        text = canonical(entries[-1].body | {"chains": 7})
        return [*entries[:-1], *recomputed([msgspec.structs.replace(entries[-1], text=text)])]

    await attacker.rewrite(damage)
    app.clock.advance(DAY)
    await forget(app)
    assert "audit.forgotten is not signed, or damaged" in [
        finding.what for finding in (await verify(store)).findings
    ]


async def test_a_chain_that_is_not_as_it_was_written_stays_and_is_told_once_an_hour(
    app, store, attacker, caplog
):
    async with app.worker(checkpoint_every=None) as manager:
        for _ in range(3):
            await app.sign_in(manager)
    app.clock.advance(3 * DAY)
    await attacker.rewrite(lambda entries: [entries[0], entries[2]])
    before = await app.entries()
    async with app.worker(checkpoint_every=None) as manager:
        duty = Retention(store, manager, notary(manager), 2 * DAY)
        for _ in range(3):
            await duty.do()
        assert (await app.entries())[:2] == before
        assert caplog.text.count("stays") == 1
        app.clock.advance(2 * HOUR)
        await duty.do()
    assert caplog.text.count("stays") == 2


async def test_what_the_anchor_cannot_take_is_not_forgotten(app, store, tmp_path):
    await live_for_days(app, 1)
    app.clock.advance(3 * DAY)
    before = await app.entries()
    async with app.worker(checkpoint_every=None) as manager:
        faulty = notary(manager, path=tmp_path / "no folder" / "anchor")
        await Retention(store, manager, faulty, 2 * DAY).do()
    assert (await app.entries())[: len(before)] == before


async def test_two_days_are_the_least(app):
    with pytest.raises(ConfigurationError, match="two days"):
        Audit(retention=DAY)
