"""A page that the browser kept for its back button is not shown as if its session were alive."""

import pytest
from playwright.sync_api import expect

from tests.browser.running import ENDED, dialog, running_browser

pytestmark = pytest.mark.browser

SECOND = 1000


@pytest.fixture(scope="module")
def browser(playwright):
    with running_browser(playwright, lifelike=True) as browser:
        yield browser


@pytest.fixture
def careless(demo, page):
    """Ada's dashboard as an application would serve it that forbids nobody to keep it, and the next page."""

    def serve(route):
        response = route.fetch()
        headers = {name: value for name, value in response.headers.items() if name != "cache-control"}
        route.fulfill(response=response, headers=headers)

    demo.sign_in(page)
    page.route("**/dashboard", serve)
    page.goto(f"{demo.url}/dashboard")
    page.evaluate("coatcheck.refresh()")
    page.evaluate("globalThis.kept = true")
    page.goto(f"{demo.url}/static/ticket.svg")
    return page


def go_back(page):
    """As the button does; Playwright's own way waits for a page to load, and a kept one never does."""
    page.evaluate("void setTimeout(() => history.back(), 50)")


def end_in_another_tab(demo, page):
    other = page.context.new_page()
    other.goto(f"{demo.url}/dashboard")
    other.get_by_role("button", name="Sign out", exact=True).click()
    other.wait_for_url("**/login**")


def end_in_another_browser(demo, elsewhere):
    demo.sign_in(elsewhere)
    elsewhere.evaluate("fetch('/auth/sessions', { method: 'DELETE' }).then(answer => answer.json())")


def test_a_kept_page_whose_session_goes_on_is_as_it_was(careless):
    go_back(careless)
    expect(careless.get_by_role("heading", level=1)).to_contain_text("Hello")
    assert careless.evaluate("globalThis.kept")
    careless.wait_for_timeout(SECOND)
    expect(dialog(careless)).to_be_hidden()


@pytest.mark.parametrize("end", [end_in_another_tab, end_in_another_browser])
def test_a_kept_page_whose_session_is_over_comes_back_behind_a_curtain(demo, careless, open_page, end):
    end(demo, careless if end is end_in_another_tab else open_page())
    go_back(careless)
    expect(dialog(careless)).to_contain_text(ENDED)
    assert careless.evaluate("globalThis.kept")


def test_a_kept_page_that_never_heard_of_its_session_is_drawn_anew(demo, careless, open_page):
    careless.route("**/auth/session", lambda route: route.fulfill(status=503))
    with careless.expect_response("**/auth/session"):
        careless.goto(f"{demo.url}/dashboard")
    careless.evaluate("addEventListener('pageshow', event => { sessionStorage.kept = event.persisted })")
    careless.goto(f"{demo.url}/static/ticket.svg")
    careless.unroute("**/auth/session")
    end_in_another_browser(demo, open_page())
    go_back(careless)
    expect(careless.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    assert careless.evaluate("sessionStorage.kept") == "true"


def test_a_page_of_the_demo_is_gone_or_behind_a_curtain(demo, page):
    demo.sign_in(page)
    page.goto(f"{demo.url}/settings")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/login**")
    sign_in = page.get_by_role("heading", level=1, name="Sign in")
    for _ in range(2):  # most often the browser asks anew, but it may keep even what says no-store
        page.evaluate("document.querySelector('h1').textContent = 'left behind'")
        go_back(page)
        expect(sign_in.or_(dialog(page)).filter(visible=True).first).to_be_visible()
