"""What a person does with the demo, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.running import running_demo

pytestmark = pytest.mark.browser


def test_a_protected_page_leads_to_sign_in_and_back(demo, page):
    page.goto(f"{demo.url}/settings")
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fsettings&reason=no_session"))
    expect(page.get_by_role("status")).to_have_text("Please sign in first.")
    page.get_by_label("E-mail").fill("ada@example.test")
    page.get_by_label("Password").fill(demo.passwords["ada@example.test"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{demo.url}/settings")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your sessions")


def test_a_wrong_password_is_told_on_the_form(demo, page):
    page.goto(f"{demo.url}/login")
    page.get_by_label("E-mail").fill("ada@example.test")
    page.get_by_label("Password").fill("not the right password")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    expect(page).to_have_url(re.compile(r"/login"))


def test_the_dashboard_keeps_what_is_put_into_the_session(demo, page):
    demo.sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Ada Lovelace.")
    page.get_by_label("Put something in").fill("umbrella")
    page.get_by_role("button", name="Add").click()
    umbrella = page.get_by_role("listitem").filter(has_text="umbrella")
    expect(umbrella).to_be_visible()
    page.reload()
    expect(umbrella).to_be_visible()


def test_one_browser_signs_out_the_other(demo, open_page):
    here, there = open_page(), open_page()
    demo.sign_in(there)
    expect(there).to_have_url(f"{demo.url}/dashboard")
    number = there.locator(".ticket-stub .number").inner_text()
    demo.sign_in(here)
    here.goto(f"{demo.url}/settings")
    here.get_by_role("article").filter(has_text=number).get_by_role("button").click()
    expect(here.get_by_role("status")).to_have_text("That browser is signed out.")
    there.reload()
    expect(there).to_have_url(re.compile(r"/login\?.*reason=revoked"))
    expect(there.get_by_role("status")).to_contain_text("Your session was ended.")


def test_signing_out_ends_the_session(demo, page):
    demo.sign_in(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/login"))
    page.goto(f"{demo.url}/dashboard")
    expect(page).to_have_url(re.compile(r"/login\?"))


def test_a_signed_in_user_has_no_use_for_the_login_page(demo, page):
    demo.sign_in(page)
    expect(page).to_have_url(f"{demo.url}/dashboard")
    page.goto(f"{demo.url}/login")
    expect(page).to_have_url(f"{demo.url}/dashboard")


def test_the_admin_sees_everybody_and_ada_does_not(demo, open_page):
    ada, grace = open_page(), open_page()
    demo.sign_in(ada)
    assert ada.goto(f"{demo.url}/admin/").status == 403
    demo.sign_in(grace, "grace@example.test")
    grace.get_by_role("link", name="Admin").click()
    expect(grace.get_by_role("link", name="Ada Lovelace").first).to_be_visible()


def test_nothing_on_the_pages_breaks_their_own_policy(demo, page):
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    demo.sign_in(page)
    for path in ("/dashboard", "/profile", "/settings", "/settings/confirm", "/"):
        page.goto(demo.url + path)
    assert complaints == []


def test_an_idle_browser_is_signed_out_and_told_why(tmp_path, page):
    with running_demo(tmp_path, "--idle", "2", "--tolerance", "0", "--overlap", "0") as demo:
        demo.sign_in(page)
        expect(page).to_have_url(f"{demo.url}/dashboard")
        page.wait_for_timeout(3000)
        page.reload()
        expect(page).to_have_url(re.compile(r"/login\?.*reason=idle_timeout"))
        expect(page.get_by_role("status")).to_contain_text("nothing happened for a while")
