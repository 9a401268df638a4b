"""The live stream of the overview."""

import asyncio

import pytest

from coatcheck import Identity
from coatcheck.admin import figures, live
from coatcheck.testing import FailingStore
from tests.admin.conftest import ADA, GRACE, running
from tests.web.streaming import streaming


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch):
    monkeypatch.setattr(live, "BEAT", 0.05)
    monkeypatch.setattr(figures, "GOOD_FOR", 0.0)


def opened(house, token):
    headers = {"host": "shop.test", "cookie": f"__Host-session={token}", "accept": "text/event-stream"}
    return streaming(house.app, headers, path="/admin/live")


async def test_the_figures_are_told_while_somebody_looks(house):
    _, token = await house.signed_in()
    async with opened(house, token) as stream:
        name, news = await stream.event()
        assert name == "figures"
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert (news["totals"]["sign_ins"], news["newest"][0]["who"]) == (1, "Grace Hopper")
        assert len(news["minutes"]["at"]) == figures.TOLD
        await house.signed_in(ADA)
        while news["totals"]["sign_ins"] < 2:
            _, news = await stream.event()
        assert {arrival["who"] for arrival in news["newest"]} == {"Ada Lovelace", "Grace Hopper"}


async def test_it_ends_with_the_session(house):
    session, token = await house.signed_in()
    async with opened(house, token) as stream:
        await stream.event()
        await house.manager.revoke(session.id)
        await stream.done()


async def test_it_ends_with_the_role(house):
    _, token = await house.signed_in()
    async with opened(house, token) as stream:
        await stream.event()
        await house.manager.update_user(Identity(user_id=GRACE.user_id, roles=frozenset({"user"})))
        await stream.done()


async def test_a_worker_keeps_a_bounded_number_open(house, monkeypatch):
    monkeypatch.setattr(live, "MOST", 1)
    _, token = await house.signed_in()
    async with opened(house, token) as stream:
        await stream.event()
        async with opened(house, token) as refused:
            await refused.done()
            assert (refused.status, refused.headers["retry-after"]) == (429, "0")
    async with asyncio.timeout(5), opened(house, token) as stream:
        await stream.event()


async def test_a_store_that_fails_is_told(store):
    failing = FailingStore(store)
    async with running(failing) as house:
        _, token = await house.signed_in()
        async with opened(house, token) as stream:
            await stream.event()
            failing.fail("newest")
            name = "figures"
            while name == "figures":
                name, _ = await stream.event()
            assert name == "down"
            failing.heal()
