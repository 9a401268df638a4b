"""Who may come in, and who may act."""

import pytest

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
    await house.manager.update_user(ADA.__class__(user_id=GRACE.user_id, roles=frozenset({"user"})))
    assert (await grace.get("/admin/")).status_code == 403
