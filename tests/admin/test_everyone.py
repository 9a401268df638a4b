"""Signing everybody out from the dashboard."""

import pytest

from coatcheck.admin import counting, everyone, figures
from coatcheck.core.events import SessionOver
from coatcheck.core.record import Record
from coatcheck.manager.rows import Step
from coatcheck.testing import FailingStore
from tests.admin.conftest import ADA, GRACE, running


@pytest.fixture(autouse=True)
def counts_are_good_for_no_time(monkeypatch):
    monkeypatch.setattr(counting, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(counting, "SHARE", 0)
    monkeypatch.setattr(figures, "GOOD_FOR", 0.0)


async def finished(house):
    """Wait until the walk is done."""
    await house.admin.desk.everyone._task
    walk = await house.admin.desk.everyone.progress()
    assert not walk.is_under_way
    return walk


async def test_everybody_is_out_but_the_operator_and_the_page_says_how_many(house):
    ada = [(await house.signed_in(ADA))[0] for _ in range(3)]
    other, _ = await house.signed_in(GRACE)
    grace = await house.browser()
    assert "5 sessions are alive" in (await grace.get("/admin/everyone")).text
    answer = await grace.post("/admin/everyone", data={"word": "everyone"})
    assert answer.headers["location"] == "/admin/everyone?said=everyone"
    assert (await finished(house)).ended == 4
    page = await grace.get("/admin/everyone")
    assert '<h2 id="walk">Done</h2>' in page.text
    assert (await grace.get("/admin/everyone/progress")).json() == {"share": 1.0, "ended": 4, "done": True}
    for session in (*ada, other):
        assert not isinstance(await house.manager.store.load(session.id), Record)
    assert {event.actor for event in house.seen.of(SessionOver)} == {GRACE.user_id}


@pytest.mark.parametrize("word", ["", "Everyone", "everybody"])
async def test_a_word_that_does_not_match_does_nothing(house, word):
    ada, _ = await house.signed_in(ADA)
    grace = await house.browser()
    answer = await grace.post("/admin/everyone", data={"word": word})
    assert answer.headers["location"].endswith("unconfirmed")
    assert isinstance(await house.manager.store.load(ada.id), Record)


async def leave_a_walk(house, after=""):
    """Leave a walk as a worker does that is killed."""
    rows = house.admin.desk.everyone._rows
    walk = everyone.Walk(began_at=house.clock.now(), by="grace", after=after, beat_at=house.clock.now())
    await rows.change(everyone.KEY, lambda _: Step(None, walk, house.clock.now() + 900))


async def test_a_walk_that_its_worker_left_is_taken_up_by_another(house):
    ada, _ = await house.signed_in(ADA)
    await leave_a_walk(house)
    grace = await house.browser()
    assert "Under way" in (await grace.get("/admin/everyone")).text
    assert not await house.admin.desk.everyone.take_up()
    assert (
        (await grace.post("/admin/everyone", data={"word": "everyone"})).headers["location"].endswith("busy")
    )
    house.clock.advance(everyone.STALE + 1)
    assert await house.admin.desk.everyone.take_up()
    await finished(house)
    assert not isinstance(await house.manager.store.load(ada.id), Record)


async def test_progress_goes_by_the_ids_that_are_done(house):
    await leave_a_walk(house, after="4" + "0" * 31)
    assert (await house.admin.desk.everyone.progress()).share == 0.25


async def test_a_store_that_fails_pauses_the_walk(store, caplog):
    failing = FailingStore(store)
    async with running(failing) as house:
        ada, _ = await house.signed_in(ADA)
        failing.fail("end")
        house.manager._context.announcer.observers = ()
        walks = house.admin.desk.everyone
        await walks.begin(by="grace", keep="")
        await walks._task
        assert (await walks.progress()).is_under_way
        failing.heal()
        house.clock.advance(everyone.STALE + 1)
        assert await walks.take_up()
        await finished(house)
        assert not isinstance(await store.load(ada.id), Record)
