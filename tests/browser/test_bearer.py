"""The client that bears tokens, in a page of another site, before a server that runs."""

import httpx
import pytest

from tests.browser.bearer import EMAIL, PASSWORD, running_shop

pytestmark = pytest.mark.browser

# What a page does: `client` is there, and `later(ms)` lets its clocks go on, as if it had waited.
SET_UP = """
const [now, date] = [performance.now.bind(performance), Date.now];
let waited = 0;
performance.now = () => now() + waited;
Date.now = () => date() - 3 * 3600 * 1000;
window.later = (ms) => { waited += ms; };
window.start = (api) => {
  window.states = [];
  window.client = coatcheck.createBearerClient({ baseUrl: `${api}/auth` });
  client.subscribe(({ phase, reason }) => states.push(reason ? `${phase} ${reason}` : phase));
};
window.who = () => client.fetch("/me").then((answer) => answer.json()).then(({ name, code }) => name ?? code);
"""
OLD = 280_000  # milliseconds after which an access token is near its end


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with running_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def page(shop, page):
    """A page whose clock is three hours slow."""
    page.add_init_script(SET_UP)
    page.goto(shop.page)
    page.evaluate("api => start(api)", shop.api)
    return page


@pytest.fixture
def exchanged(page):
    """The refresh tokens that the page sent."""
    sent = []
    page.on(
        "request",
        lambda request: (
            request.method == "POST"
            and request.url.endswith("/auth/token/refresh")
            and sent.append(request.post_data_json["refresh_token"])
        ),
    )
    return sent


def sign_in(page):
    credentials = {"email": EMAIL, "password": PASSWORD}
    return page.evaluate("credentials => client.login(credentials).then(({phase}) => phase)", credentials)


def present(shop, refresh_token):
    """Present a refresh token as a thief does; return what the server says."""
    return httpx.post(f"{shop.api}/auth/token/refresh", json={"refresh_token": refresh_token}).json()


def test_signs_in_across_sites_and_leaves_nothing_in_the_browser(shop, page):
    assert sign_in(page) == "active"
    assert page.evaluate("who()") == "Ada"
    assert page.evaluate("client.secondsLeft()") > 1700
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("client.sessions.list().then((found) => found.length)") >= 1
    page.reload()
    page.evaluate("api => start(api)", shop.api)
    assert page.evaluate("client.refresh().then(({phase}) => phase)") == "anonymous"


def test_a_page_that_is_not_named_reaches_nothing(shop, page):
    page.goto(shop.other_page)
    page.evaluate("api => start(api)", shop.api)
    credentials = {"email": EMAIL, "password": PASSWORD}
    code = page.evaluate("credentials => client.login(credentials).catch(({code}) => code)", credentials)
    assert code == "unreachable"


def test_twenty_requests_with_an_old_token_wait_for_one_exchange(page, exchanged):
    sign_in(page)
    page.evaluate("ms => later(ms)", OLD)
    names = page.evaluate("Promise.all(Array.from({ length: 20 }, () => who()))")
    assert (set(names), len(exchanged)) == ({"Ada"}, 1)


def test_an_answer_that_was_lost_comes_again(page, exchanged):
    sign_in(page)
    lost = []

    def lose(route):
        if not lost:
            lost.append(route.fetch().json()["refresh_token"])
            route.abort()
        else:
            route.continue_()

    page.route("**/auth/token/refresh", lose)
    page.evaluate("ms => later(ms)", OLD)
    assert page.evaluate("who()") == "Ada"
    page.evaluate("ms => later(ms)", OLD)
    assert page.evaluate("who()") == "Ada"
    first, again, successor = exchanged
    assert first == again
    assert successor == lost[0]


def test_a_thief_who_comes_later_ends_it_for_both_and_the_page_says_why(shop, page, exchanged):
    sign_in(page)
    page.evaluate("ms => later(ms)", OLD)
    assert page.evaluate("who()") == "Ada"
    assert present(shop, exchanged[0])["code"] == "token_reused"
    assert page.evaluate("who()") == "token_reused"
    assert page.evaluate("states").count("ended token_reused") == 1
    assert sign_in(page) == "active"


def test_a_thief_who_comes_first_is_found_out_by_the_page(shop, page, exchanged):
    with page.expect_response("**/auth/login") as login:
        sign_in(page)
    stolen = login.value.json()["refresh_token"]
    successor = present(shop, stolen)["refresh_token"]
    assert "access_token" in present(shop, successor)
    page.evaluate("ms => later(ms)", OLD)
    assert page.evaluate("who()") == "token_reused"
    assert exchanged == [stolen]
    assert page.evaluate("client.getSnapshot().user") is None


def test_signing_out_needs_no_network_and_ends_the_session_where_there_is_one(shop, page):
    with page.expect_response("**/auth/login") as login:
        sign_in(page)
    with page.expect_response("**/auth/logout"):
        page.evaluate("client.logout()")
    assert page.evaluate("client.getSnapshot().phase") == "ended"
    assert present(shop, login.value.json()["refresh_token"])["code"] == "invalid_grant"
    sign_in(page)
    page.context.set_offline(True)
    page.evaluate("client.logout()")
    assert page.evaluate("client.getSnapshot().reason") == "logged_out"
    page.context.set_offline(False)
    assert page.evaluate("who()") == "no_session"
