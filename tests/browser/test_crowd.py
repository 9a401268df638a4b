"""How little a browser asks of the server, counted at the server's door."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.counting import counting
from tests.browser.running import ENDED, dialog

pytestmark = pytest.mark.browser

TABS = 10
SECOND = 1000
REPORTS = 3
PATIENCE = 20  # seconds
INTERVAL = 0.9  # seconds between two reports where nine seconds of idling end a session
STREAM, PEEK, REPORT = API = ("/auth/events", "/auth/session", "/auth/session/touch")


def responsive(page):
    """Return the seconds that a request of this page takes."""
    began = time.monotonic()
    page.evaluate("fetch('/healthz').then(answer => answer.text())")
    return time.monotonic() - began


def open_tabs(door, page):
    """Return `page` and nine more tabs of its browser."""
    tabs = [page, *(page.context.new_page() for _ in range(TABS - 1))]
    for tab in tabs[1:]:
        tab.goto(f"{door.url}/dashboard")
    return tabs


def test_a_minute_of_typing_and_clicking_costs_two_requests(busy_demo, door, page):
    page.clock.install()
    busy_demo.sign_in(page, url=door.url)
    door.wait_for(STREAM)
    page.clock.run_for(2 * SECOND)
    began = time.monotonic()
    for second in range(60):
        page.get_by_label("Note").press("a")
        if second % 7 == 0:
            page.get_by_role("heading", level=1).click()
        page.clock.run_for(SECOND)
    door.wait_for(REPORT, since=began)
    assert door.count(since=began) <= 2, door.log(began)


@pytest.mark.long
def test_a_minute_of_typing_and_clicking_costs_two_requests_by_the_wall_clock(busy_demo, door, page):
    busy_demo.sign_in(page, url=door.url)
    door.wait_for(STREAM)
    page.wait_for_timeout(2 * SECOND)
    began = time.monotonic()
    while time.monotonic() - began < 60:
        page.get_by_label("Note").press("a")
        page.get_by_role("heading", level=1).click()
        page.wait_for_timeout(200)
    assert door.count(since=began) <= 2, door.log(began)


def test_ten_tabs_share_one_stream_and_stay_responsive(busy_demo, door, page):
    busy_demo.sign_in(page, url=door.url)
    door.wait_for(STREAM)
    began = time.monotonic()
    tabs = open_tabs(door, page)
    page.wait_for_timeout(SECOND)
    assert door.count(STREAM, since=began) == 0, "the first tab's stream is everybody's"
    assert door.count(PEEK, since=began) <= 2 * TABS, door.log(began)
    assert max(responsive(tab) for tab in tabs) < 1

    quiet = time.monotonic()
    for tab in tabs:
        tab.bring_to_front()
    page.wait_for_timeout(SECOND)
    assert door.count(*API, since=quiet) <= TABS, door.log(quiet)

    handed_on = time.monotonic()
    page.close()
    door.wait_for(STREAM, since=handed_on)
    tabs[5].get_by_role("button", name="Sign out", exact=True).click()
    for tab in tabs[1:5] + tabs[6:]:
        expect(dialog(tab)).to_contain_text(ENDED, timeout=3 * SECOND)
    assert door.count(STREAM, since=handed_on) == 1, door.log(handed_on)
    assert door.count(*API, since=handed_on) <= TABS + 1, door.log(handed_on)


def test_ten_busy_tabs_together_report_once_an_interval(hasty_demo, page):
    with counting(hasty_demo) as door:
        hasty_demo.sign_in(page, url=door.url)
        tabs = open_tabs(door, page)
        began = time.monotonic()
        while door.count(REPORT, since=began) < REPORTS and time.monotonic() - began < PATIENCE:
            for tab in tabs:
                tab.get_by_label("Note").press("a")
        took = time.monotonic() - began
        assert REPORTS <= door.count(REPORT, since=began) <= took / INTERVAL + 1, door.log(began)
