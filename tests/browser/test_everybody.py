"""Pages and dialog for everybody: by keyboard alone, and for whoever reads them with a machine."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.running import dialog
from tests.browser.staging import stage
from tests.browser.tour import tour, tour_of_the_dialog

pytestmark = pytest.mark.browser

SECOND = 1000
MOST_STOPS = 40


def tab_to(page, locator):
    """Press Tab until an element has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if locator.evaluate("element => element.matches(':focus')"):
            return
    pytest.fail(f"Tab does not lead to {locator}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("walk", [tour, tour_of_the_dialog])
def test_axe_finds_nothing(demo, new_jar, walk, scheme):
    page = new_jar(color_scheme=scheme).new_page()
    found = {name: faults(page) for name in walk(demo, page)}
    assert {name: rules for name, rules in found.items() if rules} == {}


def test_nothing_but_the_keyboard_is_needed(hasty_demo, page):
    page.goto(f"{hasty_demo.url}/login?next=/dashboard")
    tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type("ada@example.test")
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(hasty_demo.passwords["ada@example.test"])
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{hasty_demo.url}/dashboard")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Note"))
    page.keyboard.type("Bring the umbrella.")
    tab_to(page, page.get_by_role("button", name="Save the note"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your note is saved.")
    expect(page.get_by_label("Note")).to_have_value("Bring the umbrella.")

    profile = page.get_by_role("link", name="Profile")
    tab_to(page, profile)
    expect(dialog(page)).to_be_visible(timeout=9 * SECOND)
    expect(page).to_have_title(re.compile(r"^\(0:0\d\)\sDashboard"))
    expect(dialog(page).get_by_role("button", name="Stay signed in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()
    expect(profile).to_be_focused()

    tab_to(page, page.get_by_role("button", name="Sign out", exact=True))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/login"))
    expect(page.get_by_role("status")).to_contain_text("signed out")


def test_the_ended_dialog_hides_what_is_behind(demo, page):
    """Two different pages look the same behind it, to the last pixel; behind a warning they do not."""

    def picture(path, situation):
        page.unroute_all()
        page.goto(demo.url + path)
        stage(page, situation)
        page.evaluate("document.activeElement.blur()")
        return page.screenshot(animations="disabled")

    demo.sign_in(page)
    assert picture("/dashboard", "ended") == picture("/profile", "ended")
    assert picture("/dashboard", "warning") != picture("/profile", "warning")
