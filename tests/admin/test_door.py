"""Who may come in, and who may act."""

import asyncio

import pytest

from coatcheck.adapters.admin import mount_admin
from coatcheck.admin import application
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.identity import Identity
from coatcheck.core.record import Record
from tests.admin.conftest import ADA, GRACE

ACTS = ("/admin/people/u-ada/revoke", "/admin/people/u-ada/disable", "/admin/everyone")
PAGES = ("/admin/", "/admin/sessions", "/admin/people/u-ada", "/admin/live", "/admin/everyone/progress")


@pytest.mark.parametrize("path", PAGES)
async def test_a_visitor_is_led_to_the_apps_own_sign_in_and_back(house, path):
    answer = await (await house.jar()).get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/login?next={path.replace('/', '%2F')}")


@pytest.mark.parametrize("path", PAGES)
async def test_a_user_without_the_role_stays_outside(house, path):
    assert (await (await house.browser(ADA)).get(path)).status_code == 403


async def test_a_program_gets_a_problem(house):
    jar = await house.jar()
    answer = await jar.get(
        "/admin/sessions", headers={"accept": "application/json", "sec-fetch-mode": "cors"}
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ACTS)
async def test_who_acts_proves_anew_who_they_are(house, path):
    ada, _ = await house.signed_in(ADA)
    grace = await house.browser()
    house.clock.advance(301)
    answer = await grace.post(
        path, data={"word": "everyone"}, headers={"referer": "https://shop.test/admin/"}
    )
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/confirm?next=%2Fadmin%2F")
    assert isinstance(await house.manager.store.load(ada.id), Record)


@pytest.mark.parametrize("path", ACTS)
async def test_an_act_from_another_site_is_refused(house, path):
    ada, _ = await house.signed_in(ADA)
    grace = await house.browser()
    answer = await grace.post(path, data={"word": "everyone"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert isinstance(await house.manager.store.load(ada.id), Record)


@pytest.mark.parametrize("path", ACTS)
async def test_looking_changes_nothing(house, path):
    ada, _ = await house.signed_in(ADA)
    await (await house.browser()).get(path)
    assert isinstance(await house.manager.store.load(ada.id), Record)


async def test_who_lost_the_role_is_outside_at_once(house):
    grace = await house.browser()
    assert (await grace.get("/admin/")).status_code == 200
    await house.manager.update_user(Identity(user_id=GRACE.user_id, roles=frozenset({"user"})))
    assert (await grace.get("/admin/")).status_code == 403


async def drawn_out(house, meanwhile):
    """Yield a form whose second half comes after something else has happened."""
    yield b"word=every"
    await meanwhile()
    house.clock.advance(2)
    yield b"one"


@pytest.mark.parametrize("path", ACTS)
async def test_a_form_that_is_drawn_out_does_nothing_once_its_session_has_ended(house, path):
    ada, _ = await house.signed_in(ADA)
    mine, token = await house.signed_in(GRACE)
    form = drawn_out(house, lambda: house.manager.revoke(mine.id))
    answer = await (await house.jar(token)).post(path, content=form)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?")
    assert isinstance(await house.manager.store.load(ada.id), Record)


@pytest.mark.parametrize("path", ACTS)
async def test_a_form_that_is_drawn_out_does_nothing_once_its_sender_lost_the_role(house, path):
    ada, _ = await house.signed_in(ADA)
    demoted = Identity(user_id=GRACE.user_id, roles=frozenset({"user"}))
    form = drawn_out(house, lambda: house.manager.update_user(demoted))
    assert (await (await house.browser()).post(path, content=form)).status_code == 403
    assert isinstance(await house.manager.store.load(ada.id), Record)


async def test_a_form_that_comes_in_time_is_heeded(house):
    form = drawn_out(house, lambda: house.signed_in(ADA))
    answer = await (await house.browser()).post("/admin/everyone", content=form)
    assert answer.headers["location"].endswith("said=everyone")


@pytest.mark.parametrize("path", ACTS)
async def test_a_form_that_is_too_long_or_never_comes_does_nothing(house, path, monkeypatch):
    monkeypatch.setattr(application, "PATIENCE", 0.01)
    ada, _ = await house.signed_in(ADA)
    grace = await house.browser()
    for form in (
        {"content": b"word=everyone&" + b"x" * 20_000},
        {"content": drawn_out(house, asyncio.Event().wait)},
    ):
        answer = await grace.post(path, **form)
        assert (answer.status_code, answer.text) == (400, "the form is too long, or did not come")
    assert isinstance(await house.manager.store.load(ada.id), Record)


@pytest.mark.parametrize("roles", [[], frozenset()])
async def test_without_a_role_every_user_would_be_an_operator(house, roles):
    with pytest.raises(ConfigurationError, match="every user would be an operator"):
        mount_admin(house.app, house.app.state.coatcheck, "/other", roles=roles)
