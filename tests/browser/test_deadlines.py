"""The absolute deadline, and what somebody was typing when it came."""

import pytest
from playwright.sync_api import expect

from tests.browser.running import ENDED, dialog, running_demo

pytestmark = pytest.mark.browser

SHORT = ("--idle", "6", "--absolute", "10", "--rotate", "600", "--overlap", "0", "--tolerance", "0")
SAID = """
document.querySelector("coatcheck-warning").shadowRoot.querySelector("dialog[open]")?.textContent ?? ""
"""
# Read and answered at once: on a slow machine two seconds of warning are short.
CONTINUE = """
() => {
    const dialog = document.querySelector("coatcheck-warning").shadowRoot.querySelector("dialog[open]");
    if (!dialog?.textContent.includes("Continue for now")) return "";
    dialog.querySelector("#primary").click();
    return dialog.textContent;
}
"""
UNSAVED = "Dear diary, the cloakroom closes early."


@pytest.fixture(scope="module")
def short_demo(tmp_path_factory):
    """Ten seconds after the sign-in it is over, however busy somebody is."""
    with running_demo(tmp_path_factory.mktemp("short"), *SHORT) as demo:
        yield demo


@pytest.fixture(scope="module")
def interrupted(short_demo, browser):
    """Two browsers of Ada, who typed in both until the session was over."""
    contexts = [browser.new_context() for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        short_demo.sign_in(page)
        page.get_by_label("Note").fill(UNSAVED)
    warned = dict.fromkeys(pages, "")
    while not all(ENDED in page.evaluate(SAID) for page in pages):
        for page in pages:
            page.keyboard.press("End")
            warned[page] += page.evaluate(CONTINUE)
            page.wait_for_timeout(50)
    assert all("cannot be extended" in warning for warning in warned.values()), warned
    yield pages
    for context in contexts:
        context.close()


def sign_in_again(demo, page, email="ada@example.test"):
    dialog(page).get_by_role("button", name="Sign in again").click()
    demo.fill_in(page, email)


def test_typing_does_not_move_it_and_what_was_typed_comes_back(short_demo, interrupted):
    page, _ = interrupted
    expect(dialog(page)).to_contain_text("time limit")
    sign_in_again(short_demo, page)
    expect(page.get_by_label("Note")).to_have_value(UNSAVED)
    expect(page.get_by_text("Your unsaved words are back.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("")


def test_what_was_typed_comes_back_to_nobody_else(short_demo, interrupted):
    _, page = interrupted
    sign_in_again(short_demo, page, "grace@example.test")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Grace")
    expect(page.get_by_label("Note")).to_have_value("")
    assert UNSAVED not in page.evaluate("JSON.stringify({ ...sessionStorage, ...localStorage })")


def test_a_note_that_is_sent_too_late_comes_back_too(demo, page):
    demo.sign_in(page)
    page.get_by_label("Note").fill(UNSAVED)
    page.context.clear_cookies()
    page.get_by_role("button", name="Save the note").click()
    page.wait_for_url("**/login?**")
    demo.fill_in(page)
    expect(page.get_by_label("Note")).to_have_value(UNSAVED)
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_role("status")).to_have_text("Your note is saved.")
    expect(page.get_by_label("Note")).to_have_value(UNSAVED)
