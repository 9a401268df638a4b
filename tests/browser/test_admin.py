"""The dashboard in a real browser, with a hundred thousand sessions behind it."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.admin.crowd import RARE, RARE_ADDRESS, fill
from tests.browser.axe import faults
from tests.browser.running import running_demo

pytestmark = pytest.mark.browser

COUNT = 100_000
PATIENCE = 3.0  # seconds until something is to be seen, on a machine that does other things too
PLACES = (
    "",
    "sessions",
    "sessions?q=firefox",
    "people",
    "alarms",
    "ledger",
    "keys",
    "health",
    "everyone",
    "?range=day",
)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crowded")
    fill(folder / "demo.db", COUNT, time.time())
    with running_demo(folder) as demo:
        yield demo


@pytest.fixture
def grace(crowded, open_page):
    page = open_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    crowded.sign_in(page, "grace@example.test")
    return page


PAINTED = """new Promise((done) => new PerformanceObserver((list) => {
  for (const { name, startTime } of list.getEntries()) if (name === "first-contentful-paint") done(startTime);
}).observe({ type: "paint", buffered: true }))"""


def seconds_until_painted(page):
    """Return when the first content was to be seen, in seconds since the page was asked for."""
    return page.evaluate(PAINTED) / 1000


def test_a_hundred_thousand_sessions_are_counted_listed_and_searched_at_once(crowded, grace, record_property):
    grace.goto(f"{crowded.url}/admin/")
    expect(grace.locator("[data-figure=alive]")).to_have_text(re.compile("100.00"))
    painted = {"overview": seconds_until_painted(grace)}
    grace.get_by_role("searchbox").fill(RARE_ADDRESS)
    grace.get_by_role("button", name="Search").click()
    expect(grace.locator("tbody tr").first).to_contain_text(RARE_ADDRESS)
    painted["search"] = seconds_until_painted(grace)
    grace.goto(f"{crowded.url}/admin/sessions")
    expect(grace.locator("tbody tr")).to_have_count(50)
    painted["list"] = seconds_until_painted(grace)
    for name, seconds in painted.items():
        record_property(name, seconds)
        assert seconds < PATIENCE, painted


def test_a_search_goes_on_until_all_is_found(crowded, grace):
    grace.goto(f"{crowded.url}/admin/sessions?q={RARE_ADDRESS}")
    found = grace.locator("tbody tr").count()
    further = grace.get_by_role("link", name=re.compile("Older|Look further back"))
    for _ in range(60):
        if not further.count():
            break
        further.click()
        found += grace.locator("tbody tr").count()
    assert found == COUNT // RARE


def test_an_address_leads_to_everybody_who_came_from_it(crowded, grace):
    grace.goto(f"{crowded.url}/admin/sessions?q={RARE_ADDRESS}")
    grace.locator("tbody tr").first.get_by_role("link").first.click()
    grace.get_by_role("link", name=RARE_ADDRESS).click()
    expect(grace.locator("tbody tr").first).to_contain_text(RARE_ADDRESS)


def test_from_the_list_to_a_life_to_its_end(crowded, grace):
    grace.goto(f"{crowded.url}/admin/sessions")
    code = grace.locator("tbody tr").nth(1).get_by_role("link").first.inner_text()
    grace.get_by_role("searchbox").fill(code.lower())
    grace.get_by_role("button", name="Search").click()
    grace.get_by_role("region", name="Found by name").get_by_role("link", name=code).click()
    expect(grace.get_by_role("heading", level=1)).to_have_text(code)
    expect(grace.get_by_text("Session began")).to_be_visible()
    grace.get_by_role("button", name="Revoke this session").click()
    expect(grace.get_by_role("status")).to_contain_text("The session is revoked")
    expect(grace.get_by_text("Session ended")).to_be_visible()
    assert grace.complaints == []


def test_the_overview_follows_what_happens(crowded, grace, open_page):
    grace.goto(f"{crowded.url}/admin/")
    expect(grace.locator(".chart canvas")).to_have_count(2)
    before = int(grace.locator("[data-figure=sign_ins]").inner_text())
    ada = open_page()
    crowded.sign_in(ada)
    expect(grace.locator("[data-figure=sign_ins]")).to_have_text(str(before + 1), timeout=15_000)
    expect(grace.get_by_role("link", name="Ada Lovelace").first).to_be_visible()
    chart = grace.locator("[data-chart=sign-ins]")
    expect(chart).to_have_attribute(
        "aria-label", re.compile(r"Sign-ins: \d+ now, \d+ at most; Failures: 0 now")
    )
    assert grace.complaints == []


def test_what_the_charts_show_can_be_read_without_seeing_them(crowded, new_jar):
    page = new_jar(java_script_enabled=False).new_page()
    crowded.sign_in(page, "grace@example.test")
    page.goto(f"{crowded.url}/admin/")
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("columnheader", name="Sign-ins")).to_be_visible()
    page.get_by_role("link", name="Day", exact=True).click()
    expect(page.get_by_role("heading", name="The last day")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390)])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(crowded, new_jar, scheme, width):
    page = new_jar(color_scheme=scheme, viewport={"width": width, "height": 800}).new_page()
    crowded.sign_in(page, "grace@example.test")
    found = {}
    for place in (*PLACES, *links(page, crowded)):
        page.goto(f"{crowded.url}/admin/{place}")
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        found[place] = faults(page) + [["too wide"]] * wide
    assert {place: what for place, what in found.items() if what} == {}


def links(page, demo):
    """Return one session's page and one user's."""
    page.goto(f"{demo.url}/admin/sessions")
    row = page.locator("tbody tr").first.get_by_role("link")
    return [link.get_attribute("href").removeprefix("/admin/") for link in row.all()]


def test_everyone_is_out_and_the_operator_stays(tmp_path, open_page):
    with running_demo(tmp_path) as demo:
        page, ada = open_page(), open_page()
        demo.sign_in(ada)
        demo.sign_in(page, "grace@example.test")
        page.goto(f"{demo.url}/admin/everyone")
        page.get_by_label("Type everyone to go on").fill("everyone")
        page.get_by_role("button", name="Sign everyone out").click()
        expect(page.get_by_role("heading", name="Done")).to_be_visible(timeout=15_000)
        expect(page.get_by_text("Sessions ended: 1")).to_be_visible()
        ada.reload()
        expect(ada).to_have_url(re.compile(r"/login\?.*reason=revoked"))
