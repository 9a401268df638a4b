"""What a person does with the example in React, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.notebook import build_page, running_notebook
from tests.browser.running import dialog

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def notebook(built):
    with running_notebook(built) as notebook:
        yield notebook


@pytest.fixture
def page(open_page):
    page = open_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    # The browser itself notes each 401 and 403: those are answers.
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


def test_the_page_is_protected_and_led_back_to(notebook, page):
    page.goto(f"{notebook.url}/")
    expect(page).to_have_url(re.compile(r"/login\?next=%2F&reason=no_session"))
    notebook.fill_in(page)
    expect(page.get_by_role("heading", name="Your note")).to_be_visible()
    expect(page).to_have_url(f"{notebook.url}/")


def test_a_wrong_password_is_told_on_the_form(notebook, page):
    page.goto(f"{notebook.url}/login")
    page.get_by_label("E-mail").fill("ada@example.test")
    page.get_by_label("Password").fill("not the right password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")


def test_what_was_saved_is_there_after_a_reload(notebook, page):
    notebook.sign_in(page)
    page.get_by_label("Your note").fill("umbrella")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Your note")).to_have_value("umbrella")


def test_one_browser_signs_out_the_other_at_once(notebook, page, open_page):
    there = open_page()
    notebook.sign_in(there)
    notebook.sign_in(page)
    page.get_by_role("listitem").filter(has_text="last seen").first.get_by_role("button").click()
    expect(there.get_by_text("Your session was ended on another device.")).to_be_visible(timeout=2000)
    expect(page.get_by_role("heading", name="Your note")).to_be_visible()


def test_signing_out_everywhere_reaches_every_browser_and_tab(notebook, page, open_page):
    tab, there = page.context.new_page(), open_page()
    notebook.sign_in(there)
    notebook.sign_in(page)
    tab.goto(notebook.url)
    expect(tab.get_by_role("heading", name="Your note")).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere").click()
    for signed_out in (page, tab, there):
        expect(signed_out.get_by_label("E-mail")).to_be_visible()


def test_ending_other_sessions_asks_for_the_password_if_it_was_given_long_ago(notebook, page):
    notebook.sign_in(page)
    problem = {"type": "about:blank", "title": "Again", "status": 403, "code": "reauthentication_required"}
    refuse = lambda route: route.fulfill(status=403, json=problem)  # noqa: E731 - once
    page.route(
        "**/auth/sessions",
        lambda route: refuse(route) if route.request.method == "DELETE" else route.continue_(),
    )
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("dialog", name="Is it still you?")).to_be_visible()
    page.unroute_all()
    page.get_by_role("dialog").get_by_label("Password").fill(notebook.password)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("E-mail")).to_be_visible()


def test_the_warning_is_answered_from_the_keyboard(built, page):
    with running_notebook(built, "--idle", "6", "--warning", "4") as notebook:
        notebook.sign_in(page)
        note = page.get_by_label("Your note")
        note.focus()
        expect(dialog(page)).to_be_visible()
        expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
        expect(page).to_have_title(re.compile(r"^\(0:0[0-9]\)\sNotebook$"))
        assert faults(page) == []
        page.keyboard.press("Enter")
        expect(dialog(page)).to_be_hidden()
        expect(note).to_be_focused()
        expect(page).to_have_title("Notebook")
        expect(dialog(page)).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog(page)).to_be_hidden()


def test_what_was_typed_when_the_time_limit_came_is_given_back_to_the_same_user(built, page):
    with running_notebook(built, "--absolute", "6", "--warning", "3") as notebook:
        notebook.sign_in(page)
        page.get_by_label("Your note").fill("half a sent")
        expect(dialog(page)).to_contain_text("cannot be extended")
        page.get_by_role("button", name="Continue for now").click()
        page.get_by_label("Your note").press_sequentially("ence")
        expect(page.get_by_text("Your session reached its time limit.")).to_be_visible(timeout=20_000)
        notebook.fill_in(page)
        expect(page.get_by_text("what you had typed")).to_be_visible()
        expect(page.get_by_label("Your note")).to_have_value("half a sentence")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(notebook, page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(notebook.url)
    expect(page.get_by_label("E-mail")).to_be_visible()
    assert faults(page) == []
    notebook.fill_in(page)
    expect(page.get_by_role("listitem").first).to_be_visible()
    assert faults(page) == []
