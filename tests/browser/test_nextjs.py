"""The example with Next.js, its server in Python behind it: in a browser, and by hand."""

import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from tests.attack.test_cors_and_redirects import ESCAPES, HOME, leaves
from tests.browser.axe import faults
from tests.browser.cloakroom import ADA, GRACE, build, running_cloakroom, without_the_proxy
from tests.browser.running import ENDED, dialog

pytestmark = pytest.mark.browser

SESSION = "__Host-session"
PAGES = ("/dashboard", "/profile", "/settings", "/admin")
SECOND = 1000
# Whoever speaks for the public origin, as a proxy in front does.
FROM_EDGE = {
    "host": "shop.test",
    "origin": "https://shop.test",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "203.0.113.7",
}


@pytest.fixture(scope="module")
def built():
    build()


@pytest.fixture(scope="module")
def cloakroom(built):
    with running_cloakroom() as cloakroom:
        yield cloakroom


@pytest.fixture
def page(open_page):
    page = open_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    # The browser itself notes each 401 and 403: those are answers.
    assert [text for text in complaints if not text.startswith("Failed to load resource")] == []


def test_a_page_leads_to_the_form_and_the_form_back_to_the_page(cloakroom, page):
    cloakroom.sign_in(page, path="/profile?from=a+link")
    expect(page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    page.goto(f"{cloakroom.url}/login?next=/settings")
    expect(page).to_have_url(f"{cloakroom.url}/settings")


def test_a_wrong_password_is_told_on_the_form(cloakroom, page):
    page.goto(f"{cloakroom.url}/login?next=%2Fsettings")
    page.get_by_label("E-mail").fill(ADA)
    page.get_by_label("Password").fill("not the right password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").filter(has_text="not right")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["next"] == ["/settings"]


def test_somebody_new_makes_an_account_and_is_signed_in(cloakroom, page):
    page.goto(f"{cloakroom.url}/register")
    page.get_by_label("Name").fill("Emmy Noether")
    page.get_by_label("E-mail").fill("emmy@example.test")
    page.get_by_label("Password").fill("symmetry makes it conserved")
    page.get_by_role("button", name="Make an account").click()
    expect(page.get_by_role("heading", name="Good to see you, Emmy Noether")).to_be_visible()


def test_a_role_opens_a_page_to_its_holder_alone(cloakroom, page, open_page):
    cloakroom.sign_in(page)
    response = page.goto(f"{cloakroom.url}/admin")
    assert response.status == 403
    expect(page.get_by_role("heading", name="This door is for others")).to_be_visible()
    admin = open_page()
    cloakroom.sign_in(admin, GRACE)
    admin.get_by_role("link", name="Admin").click()
    expect(admin.get_by_role("listitem").filter(has_text=ADA)).to_be_visible()


def test_an_action_writes_to_the_session(cloakroom, page):
    cloakroom.sign_in(page, path="/profile")
    page.get_by_label("About you").fill("Poet of numbers")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("About you")).to_have_value("Poet of numbers")


def test_signing_out_hides_the_page_in_every_tab(cloakroom, page):
    cloakroom.sign_in(page)
    other = page.context.new_page()
    other.goto(f"{cloakroom.url}/profile")
    expect(other.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    expect(dialog(other)).to_contain_text(ENDED)
    page.go_back()
    expect(page.get_by_label("E-mail")).to_be_visible()


def test_a_session_that_is_ended_elsewhere_hides_its_page_at_once(cloakroom, page, open_page):
    there = open_page()
    cloakroom.sign_in(there)
    cloakroom.sign_in(page, path="/settings")
    there.wait_for_timeout(500)  # its stream opens, through Next.js
    page.get_by_role("button", name="Sign out there").first.click()
    expect(dialog(there)).to_contain_text(ENDED, timeout=2 * SECOND)


def test_the_warning_keeps_whoever_wants_to_stay(built, page):
    with running_cloakroom("--idle", "5", "--warning", "3") as cloakroom:
        cloakroom.sign_in(page)
        expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
        page.keyboard.press("Enter")
        expect(dialog(page)).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(cloakroom, page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{cloakroom.url}/login?reason=idle_timeout&error=invalid_credentials")
    assert faults(page) == []
    cloakroom.sign_in(page)
    for path in PAGES:
        page.goto(f"{cloakroom.url}{path}")
        assert faults(page) == [], path


def assert_shows_nothing(response):
    assert "Lovelace" not in response.text
    assert "no-store" in response.headers.get("cache-control", "")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy"},
        {"x-middleware-subrequest": "middleware:middleware:middleware:middleware:middleware"},
        {"x-middleware-next": "1", "x-middleware-skip": "1"},
        {"x-user": '{"name":"Ada Lovelace","roles":["admin"]}', "x-session": "1"},
        {"rsc": "1", "next-router-prefetch": "1"},
        {"purpose": "prefetch", "sec-purpose": "prefetch"},
    ],
)
def test_no_field_of_a_request_opens_a_page(cloakroom, fields):
    with httpx.Client(base_url=cloakroom.url) as visitor:
        for path in (*PAGES, "/dashboard/", "//dashboard", "/%64ashboard", "/dashboard.rsc", "/nowhere"):
            response = visitor.get(cloakroom.url + path, headers=fields)
            assert response.status_code in (303, 307, 308, 404), (path, response)
            assert "Lovelace" not in response.text
            assert not leaves(cloakroom.url, response.headers.get("location", "/").partition("?")[0])


def test_a_way_around_the_proxy_leads_to_pages_that_ask_for_themselves(cloakroom):
    with without_the_proxy(), running_cloakroom() as exposed, httpx.Client(base_url=exposed.url) as visitor:
        assert visitor.get("/auth/session").status_code == 404  # the proxy is really gone
        for path in PAGES:
            response = visitor.get(path)
            assert response.status_code == 307
            assert response.headers["location"] == f"/login?next={path.replace('/', '%2F')}&reason=no_session"
            assert_shows_nothing(response)


def test_nobody_is_led_to_another_origin(cloakroom, page):
    cloakroom.sign_in(page)
    (jar,) = (cookie for cookie in page.context.cookies() if cookie["name"] == "coatcheck-session")
    with httpx.Client(base_url=cloakroom.url, cookies={jar["name"]: jar["value"]}) as browser:
        for target in [text for text in (*ESCAPES, *HOME) if len(text) < 5000]:
            response = browser.get("/login", params={"next": target})
            assert response.status_code == 303, target
            location = response.headers["location"]
            assert not leaves(cloakroom.url, location.partition("?")[0].partition("#")[0]), (target, location)
        assert browser.get("/login?next=/profile?x=1").headers["location"] == "/profile?x=1"


def test_behind_https_the_cookie_has_its_prefix_and_tokens_go_round_through_the_pages(built):
    lifetimes = ("--url", "https://shop.test", "--rotate", "1")
    with (
        running_cloakroom(*lifetimes, edge=True) as cloakroom,
        httpx.Client(base_url=cloakroom.url, headers=FROM_EDGE) as edge,
    ):
        form = {"email": ADA, "password": cloakroom.passwords[ADA], "next": "//evil.test"}
        entered = edge.post("/auth/login", data=form)
        assert (entered.status_code, entered.headers["location"]) == (303, "/dashboard")
        first = _token(entered)
        edge.cookies.clear()

        def ask(token, path="/dashboard"):
            return edge.get(path, headers={"cookie": f"{SESSION}={token}"})

        time.sleep(1.1)  # by the clock of two servers: the token is due
        lost, again = ask(first), ask(first)
        assert _token(lost) == _token(again) != first
        for path in ("/dashboard", "/login", "/nowhere"):  # a page, a way on, and what is built once for all
            offered = ask(first, path)
            assert _token(offered) == _token(again)
            assert {"private", "no-store"} <= set(offered.headers["cache-control"].split(", "))
        time.sleep(0.5)  # more than the overlap
        assert ask(first).status_code == 200  # the page itself has not used the next one
        renewed = ask(_token(again))
        assert (renewed.status_code, "Ada Lovelace" in renewed.text) == (200, True)
        assert "no-store" in renewed.headers["cache-control"]
        (shown,) = ask(_token(again), "/auth/sessions").json()["sessions"]
        assert shown["device"]["ip"] == "203.0.113.7"
        time.sleep(0.5)
        assert ask(first).status_code == 303  # one that was replaced ends it
        assert ask(_token(again)).status_code == 303


def test_without_a_proxy_in_front_nobody_chooses_an_address(cloakroom):
    lies = {"x-forwarded-for": "1.2.3.4", "x-real-ip": "1.2.3.4", "forwarded": "for=1.2.3.4"}
    with httpx.Client(base_url=cloakroom.url, headers={"origin": cloakroom.url, **lies}) as browser:
        browser.post("/auth/login", data={"email": ADA, "password": cloakroom.passwords[ADA]})
        sessions = browser.get("/auth/sessions").json()["sessions"]
        assert {session["device"]["ip"] for session in sessions} == {"127.0.0.1"}


def _token(response):
    """The session's token that a response sets."""
    values = [line for line in response.headers.get_list("set-cookie") if line.startswith(f"{SESSION}=")]
    assert len(values) == 1, response.headers
    assert "Secure" in values[0]
    return values[0].partition("=")[2].partition(";")[0]
