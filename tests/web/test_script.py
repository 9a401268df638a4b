import pytest

from coatcheck.web import HttpApi, RouteRules
from coatcheck.web.api import ApiPolicy, script
from tests.web.support import OURS, World, call, cookie, respond

PLACE = "/auth/client.js"


@pytest.fixture
def app():
    world = World()
    world.store.fail()  # whoever looked at a session would get 503
    return world.app(respond(), RouteRules(), api=HttpApi())


async def test_everybody_gets_the_script_whatever_their_cookie(app):
    for headers in ({}, cookie("x" * 64), cookie("malformed")):
        response = await call(app, "GET", PLACE, headers)
        assert (response.status, response.body) == (200, script.SOURCE)
        assert response["content-type"] == "text/javascript; charset=utf-8"
        assert response["x-content-type-options"] == "nosniff"
        assert response["cache-control"] == "public, max-age=300"
        assert response["vary"] is None
        assert response["set-cookie"] is None


async def test_over_plain_http_too():
    app = World().app(respond(), RouteRules(), api=HttpApi())
    assert (await call(app, "GET", PLACE, scheme="http")).status == 200


async def test_under_its_version_it_is_kept_for_ever(app):
    response = await call(app, "GET", HttpApi().script_path)
    assert response["cache-control"] == "public, max-age=31536000, immutable"
    assert script.VERSION in HttpApi().script_path


async def test_another_version_during_a_deployment_gets_what_there_is_and_keeps_it_shortly(app):
    response = await call(app, "GET", f"{PLACE}?v=0123456789abcdef")
    assert (response.status, response["cache-control"]) == (200, "public, max-age=300")


@pytest.mark.parametrize("known", ['"{}"', 'W/"{}"', '"other", "{}"'])
async def test_a_browser_that_has_it_gets_no_second_copy(app, known):
    response = await call(app, "GET", PLACE, {"if-none-match": known.format(script.VERSION)})
    assert (response.status, response.body) == (304, b"")
    assert response["etag"] == f'"{script.VERSION}"'
    assert response["content-length"] is None


async def test_an_outdated_copy_is_replaced(app):
    assert (await call(app, "GET", PLACE, {"if-none-match": '"other"'})).status == 200


async def test_it_can_only_be_read(app):
    response = await call(app, "POST", PLACE, OURS)
    assert (response.status, response["allow"]) == (405, "GET")


def test_it_is_below_the_api_wherever_that_is():
    assert (
        HttpApi(policy=ApiPolicy(prefix="/session")).script_path == f"/session/client.js?v={script.VERSION}"
    )


def test_it_brings_nothing_that_a_strict_content_security_policy_forbids():
    for forbidden in (b"eval(", b"new Function", b"innerHTML", b"document.write", b".style.cssText"):
        assert forbidden not in script.SOURCE
