"""Tabs of one browser: they live, warn and end together."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.running import ENDED, dialog

pytestmark = pytest.mark.browser

SECOND = 1000
FORGERIES = """
async (id) => {
    const channel = new BroadcastChannel("coatcheck/auth");
    const day = 86_400;
    const late = { idle_expires_in: day, expires_in: day, warn_in: day };
    const server_now = new Date(Date.now() + 1000 * day).toISOString();
    const { session } = await fetch("/auth/session").then((answer) => answer.json());
    for (const message of [
        { session: null, id, reason: "revoked", server_now },
        { session: { ...session, ...late, rev: 1e9 }, server_now },
        "active", "ended", null, 7, [], { session: 7 }, { session: { id } },
    ]) channel.postMessage(message);
}
"""


def session_of(page):
    return page.evaluate("fetch('/auth/session').then(answer => answer.json())")


@pytest.fixture
def open_tabs(hasty_demo, new_jar):
    """Opens two tabs of another browser of Ada's."""

    def open_tabs():
        jar = new_jar()
        first, second = jar.new_page(), jar.new_page()
        hasty_demo.sign_in(first)
        second.goto(f"{hasty_demo.url}/settings")
        return first, second

    return open_tabs


@pytest.fixture
def tabs(open_tabs):
    return open_tabs()


def test_work_in_one_tab_keeps_both_alive(tabs):
    working, resting = tabs
    working.bring_to_front()
    note = working.get_by_label("Note")
    for _ in range(10):  # seconds, one more than anybody may be idle
        note.press("a")
        working.wait_for_timeout(SECOND)
        expect(dialog(resting)).to_be_hidden()
        expect(dialog(working)).to_be_hidden()
    assert session_of(working)["session"]


def test_idle_tabs_both_warn_and_staying_in_either_closes_both(open_tabs):
    for chooser, tabs in enumerate((open_tabs(), open_tabs())):
        for tab in tabs:
            expect(dialog(tab)).to_be_visible(timeout=9 * SECOND)
        tabs[chooser].bring_to_front()
        dialog(tabs[chooser]).get_by_role("button", name="Stay signed in").click()
        for tab in tabs:
            expect(dialog(tab)).to_be_hidden(timeout=SECOND)
        assert session_of(tabs[0])["session"]


def test_a_sign_out_in_one_tab_ends_both(tabs):
    acting, other = tabs
    acting.get_by_role("button", name="Sign out", exact=True).click()
    expect(acting).to_have_url(re.compile("/login"))
    # The acting tab held the stream and is gone with its page: the other one has to ask.
    expect(dialog(other)).to_contain_text(ENDED, timeout=3 * SECOND)
    other.bring_to_front()
    other.keyboard.press("Tab")
    expect(dialog(other).get_by_role("button", name="Sign in again")).to_be_focused()


def test_idling_ends_both_when_it_is_time_whatever_was_forged_and_leads_back(tabs, hasty_demo):
    """A69: a script of the same origin can say what it likes between tabs, the server's word holds."""
    victim, forger = tabs
    before = session_of(forger)["session"]
    forger.evaluate(FORGERIES, before["id"])
    after = session_of(forger)["session"]
    assert after["id"] == before["id"]
    assert after["idle_expires_in"] <= before["idle_expires_in"]
    assert after["last_seen_at"] == before["last_seen_at"]
    victim.reload()
    expect(victim.get_by_role("heading", level=1)).to_contain_text("Hello")
    expect(dialog(victim)).to_be_hidden()
    for tab in tabs:
        expect(dialog(tab)).to_contain_text(ENDED, timeout=12 * SECOND)
        expect(dialog(tab)).to_contain_text("Nothing has happened here for a while")
    forger.bring_to_front()
    dialog(forger).get_by_role("button", name="Sign in again").click()
    hasty_demo.fill_in(forger)
    expect(forger).to_have_url(f"{hasty_demo.url}/settings")
