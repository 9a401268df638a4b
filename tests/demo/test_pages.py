"""What every page of the demo must have, and what its forms do."""

import asyncio
import re
from html.parser import HTMLParser

import pytest

from coatcheck.admin.wording import moment, span
from coatcheck.core.support import support_code
from coatcheck.login import HashingBusy, Passwords
from coatcheck.testing import ManualClock
from tests.demo.conftest import ORIGIN

VISITOR_PAGES = ["/", "/login", "/register", "/forgot-password"]
USER_PAGES = ["/dashboard", "/profile", "/settings", "/settings/confirm"]
STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
}


class Page(HTMLParser):
    """The elements of a page, and its forms with their fields."""

    def __init__(self, html):
        super().__init__()
        self.elements = []
        self.forms = []
        self.text = html
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        facts = dict(attributes)
        self.elements.append((tag, facts))
        if tag == "form":
            self.forms.append((facts, {}))
        elif tag == "input" and self.forms:
            self.forms[-1][1][facts.get("name")] = facts.get("value")

    def form(self, action):
        """Return the hidden and filled fields of the form that posts to `action`."""
        return next(fields for facts, fields in self.forms if facts["action"] == action)


async def open_page(browser, path, status=200):
    answer = await browser.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert set(answer.headers["content-security-policy"].split("; ")) == STRICT
    return Page(answer.text)


async def post(browser, page, path, action, **fields):
    """Send a form of a page as a browser would; return the answer."""
    data = {**page.form(action), **fields}
    return await browser.post(action, data=data, headers={"referer": ORIGIN + path})


async def submit(browser, path, action, **fields):
    """Open a page, send its form, and follow where it leads."""
    answer = await post(browser, await open_page(browser, path), path, action, **fields)
    assert answer.status_code == 303, answer.text
    return await open_page(browser, answer.headers["location"])


def assert_plain(page):
    """No script or style in the page, nothing from elsewhere, and one language, heading and main part."""
    assert not [tag for tag, _ in page.elements if tag in ("style", "iframe", "object")]
    assert all("src" in facts for tag, facts in page.elements if tag == "script")
    assert not [
        facts for _, facts in page.elements for name in facts if name == "style" or name.startswith("on")
    ]
    sources = [facts.get("src") or facts.get("href") or "/" for _, facts in page.elements]
    assert not [source for source in sources if not source.startswith(("/", "#"))]
    assert [tag for tag, _ in page.elements].count("h1") == 1
    assert [facts["lang"] for tag, facts in page.elements if tag == "html"] == ["en"]


def assert_labelled(page):
    labels = {facts.get("for") for tag, facts in page.elements if tag == "label"}
    shown = [
        facts
        for tag, facts in page.elements
        if tag in ("input", "textarea") and "hidden" not in (facts.get("type"), facts.get("class"))
    ]
    assert {facts["id"] for facts in shown} <= labels


@pytest.mark.parametrize("path", VISITOR_PAGES)
async def test_a_visitors_page_is_whole(house, path):
    page = await open_page(house.browser(), path)
    assert_plain(page)
    assert_labelled(page)
    assert all("csrf_token" in fields for _, fields in page.forms)
    assert not [facts for facts, _ in page.forms if facts["action"] == "/auth/logout"]
    assert not [tag for tag, _ in page.elements if tag == "script"]


@pytest.mark.parametrize("path", [*USER_PAGES, "/"])
async def test_a_signed_in_users_page_has_sign_out_and_tokens(house, path):
    browser = await house.signed_in("grace@example.test")
    await house.signed_in()  # so that there is something to revoke
    page = await open_page(browser, path)
    assert_plain(page)
    assert_labelled(page)
    assert page.form("/auth/logout")
    assert all(fields["csrf_token"] for _, fields in page.forms)
    assert {facts["method"] for facts, _ in page.forms} == {"post"}


@pytest.mark.parametrize("path", [*USER_PAGES, "/admin"])
async def test_a_visitor_is_led_to_sign_in(house, path):
    answer = await house.browser().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2F")


async def test_the_login_page_says_the_limits_and_only_reasons_it_knows(house):
    browser = house.browser()
    assert "30 minutes without activity" in (await open_page(browser, "/login")).text
    assert "Please sign in first." in (await open_page(browser, "/login?reason=no_session")).text
    reused = await open_page(browser, "/login?reason=token_reused")
    assert "An old ticket of this session was shown" in reused.text
    odd = await open_page(browser, "/login?reason=<b>x</b>&error=zzz&next=https://evil.example/")
    assert "<b>x" not in odd.text
    assert "zzz" not in odd.text
    assert odd.form("/auth/login")["next"] == "/dashboard"


async def test_a_wrong_password_is_told_on_the_login_page_and_the_address_stays(house):
    browser = house.browser()
    answered = await submit(browser, "/login", "/auth/login", email="ada@example.test", password="wrong")
    assert "is not right" in answered.text
    assert answered.form("/auth/login")["email"] == "ada@example.test"
    assert "wrong" not in answered.text
    assert (await open_page(browser, "/login")).form("/auth/login")["email"] == ""


async def test_a_new_user_registers_and_is_signed_in(house):
    new = {"name": "Mary", "email": "mary@example.test", "password": "somerset coal and stars"}
    page = await submit(house.browser(), "/register", "/auth/register", **new)
    assert "Hello, Mary." in page.text
    again = await submit(house.browser(), "/register", "/auth/register", **new)
    assert "There is an account with this e-mail address already." in again.text
    kept = again.form("/auth/register")
    assert (kept["name"], kept["email"], kept["password"]) == ("Mary", "mary@example.test", "")
    assert ("minlength", "15") in [fact for _, facts in again.elements for fact in facts.items()]


async def test_forgot_password_answers_every_address_alike(house):
    browser = house.browser()
    texts = set()
    for email in ("ada@example.test", "nobody@example.test"):
        page = await open_page(browser, "/forgot-password")
        answer = await post(browser, page, "/forgot-password", "/forgot-password", email=email)
        assert f"coatcheck users reset-password {email}" in answer.text
        texts.add(answer.text.replace(email, "EMAIL"))
    assert len(texts) == 1


async def test_the_dashboard_counts_visits_and_keeps_things(house):
    browser = await house.signed_in()
    await submit(browser, "/dashboard", "/dashboard/pockets", thing="<i>umbrella</i>")
    page = await submit(browser, "/dashboard", "/dashboard/pockets", thing="glove")
    assert "&lt;i&gt;umbrella" in page.text
    assert "glove" in page.text
    assert (await browser.get("/dashboard")).text.count("<strong>5</strong>") == 1
    assert "glove" not in (await submit(browser, "/dashboard", "/dashboard/pockets/empty")).text


async def test_a_note_is_kept_and_is_not_bottomless(house):
    browser = await house.signed_in()
    page = await submit(browser, "/dashboard", "/dashboard/note", note="</textarea>" + 2000 * "x")
    assert "Your note is saved." in page.text
    assert f"&lt;/textarea&gt;{1989 * 'x'}</textarea>" in page.text


async def test_a_signed_in_users_page_brings_the_client_and_says_whose_it_is(house):
    browser = await house.signed_in()
    page = await open_page(browser, "/profile")
    scripts = [facts["src"] for tag, facts in page.elements if tag == "script"]
    assert scripts[0].startswith("/auth/client.js?v=")
    assert scripts[1:] == ["/static/drafts.js"]
    for script in scripts:
        assert (await browser.get(script)).headers["content-type"].startswith("text/javascript")
    ((_, facts),) = [element for element in page.elements if element[0] == "html"]
    shown = (await browser.get("/auth/session")).json()["session"]
    assert facts["data-user"] == shown["user"]["id"]


async def test_the_dashboard_tells_when_the_ticket_changes(house, monkeypatch):
    browser = await house.signed_in()
    page = await open_page(browser, "/dashboard")
    assert "<dt>Ticket no.</dt><dd>1</dd>" in page.text
    assert "<dt>Next change</dt><dd><time " in page.text
    clock = ManualClock(house.manager.now() + 901)
    monkeypatch.setattr(house.manager._context, "clock", clock)
    assert "<dd>with the next page</dd>" in (await open_page(browser, "/dashboard")).text
    for _ in range(2):
        after = await open_page(browser, "/dashboard")
        assert "<dt>Ticket no.</dt><dd>2</dd>" in after.text
        assert "<dt>Next change</dt><dd><time " in after.text


def test_short_times_are_told_to_the_second_and_one_second_is_one():
    assert "00:01:30 UTC" in moment(90.0, 60.0)
    assert "00:01 UTC" in moment(90.0)
    assert [span(seconds) for seconds in (0.0, 1.0, 1.6)] == ["0 seconds", "1 second", "2 seconds"]


async def test_pockets_are_not_bottomless(house):
    browser = await house.signed_in()
    for number in range(12):
        await submit(browser, "/dashboard", "/dashboard/pockets", thing=f"coin {number}")
    assert (
        "The pockets are full." in (await submit(browser, "/dashboard", "/dashboard/pockets", thing="x")).text
    )
    assert "The pockets are full." not in (await open_page(browser, "/dashboard")).text


async def test_a_new_name_shows_in_every_session(house):
    here, there = await house.signed_in(), await house.signed_in()
    assert "Your name is saved." in (await submit(here, "/profile", "/profile/name", name="Countess")).text
    assert "Hello, Countess." in (await open_page(there, "/dashboard")).text
    assert "shorter name" in (await submit(here, "/profile", "/profile/name", name="x" * 5000)).text


async def test_a_new_password_ends_the_other_sessions_and_no_other(house):
    here, there = await house.signed_in(), await house.signed_in()
    right = house.passwords["ada@example.test"]
    facts = {"current_password": right, "new_password": "analytical engines weave"}
    wrong = await submit(here, "/profile", "/auth/password", **{**facts, "current_password": "no"})
    assert "is not right" in wrong.text
    changed = await submit(here, "/profile", "/auth/password", **facts)
    assert "Your password is changed" in changed.text
    refused = await there.get("/dashboard")
    assert "&reason=revoked&support_code=" in refused.headers["location"]
    told = await there.get(refused.headers["location"])
    assert f"<code>{refused.headers['location'][-9:]}</code>" in told.text
    assert "<code>" not in (await there.get("/login?reason=revoked&support_code=%3Cb%3Ex")).text


async def test_this_machine_may_read_the_metrics_and_no_other(house):
    await house.signed_in()
    here = await house.browser().get("/metrics")
    assert here.status_code == 200
    assert 'coatcheck_sign_ins_total{outcome="succeeded"} 1.0' in here.text
    assert 'coatcheck_store_duration_seconds_count{verb="create"} 1.0' in here.text
    away = await house.browser(ip="192.0.2.1").get("/metrics", headers={"accept": "*/*"})
    assert (away.status_code, "coatcheck_" in away.text) == (403, False)


async def test_the_mail_that_users_would_get_is_shown_to_them_alone(house):
    ada, grace = await house.signed_in(), await house.signed_in("grace@example.test")
    gone = await house.signed_in()
    await submit(ada, "/settings", "/settings/sessions/revoke-others")
    box = house.app.state.cloakroom.mailbox
    ada_id = (await open_page(ada, "/settings")).text.split('data-user="')[1].split('"')[0]
    async with asyncio.timeout(5):
        while len(await box.letters(ada_id)) < 3:  # noqa: ASYNC110 - the demo's worker says nothing
            await asyncio.sleep(0.01)
    shown = await open_page(ada, "/settings")
    assert_plain(shown)
    assert shown.text.count("A new sign-in to your account") == 2
    assert "From Python, at the address 127.0.0.1" in shown.text
    assert "A session of yours was ended" in shown.text
    assert "was ended" not in (await open_page(grace, "/settings")).text
    assert "Mail to you" not in (await open_page(gone, "/login")).text


async def test_one_session_is_ended_from_the_settings(house):
    here, there = await house.signed_in(), await house.signed_in()
    page = await open_page(here, "/settings")
    (action,) = [facts["action"] for facts, _ in page.forms if facts["action"].endswith("/revoke")]
    assert page.text.count("This browser<") == 1
    after = await submit(here, "/settings", action)
    assert "That browser is signed out." in after.text
    assert (await there.get("/settings")).status_code == 303
    gone = await here.post(action, data=page.form(action), headers={"referer": f"{ORIGIN}/settings"})
    assert "had ended already" in (await open_page(here, gone.headers["location"])).text


async def test_everything_else_is_signed_out_at_once(house):
    here = await house.signed_in()
    others = [await house.signed_in() for _ in range(2)]
    after = await submit(here, "/settings", "/settings/sessions/revoke-others")
    assert "2 other sessions signed out." in after.text
    assert [(await other.get("/settings")).status_code for other in others] == [303, 303]


async def test_ending_a_session_asks_for_the_password_if_it_was_long_ago(house, monkeypatch):
    here = await house.signed_in()
    await house.signed_in()
    clock = ManualClock(house.manager.now() + 301)
    monkeypatch.setattr(house.manager._context, "clock", clock)
    asked = await submit(here, "/settings", "/settings/sessions/revoke-others")
    assert "Confirm it is you" in asked.text
    confirm = "/settings/confirm?next=%2Fsettings"
    wrong = await submit(here, confirm, "/auth/reauthenticate", password="no")
    assert "is not right" in wrong.text
    assert wrong.form("/auth/reauthenticate")["next"] == "/settings"
    right = house.passwords["ada@example.test"]
    assert "Your sessions" in (await submit(here, confirm, "/auth/reauthenticate", password=right)).text
    assert "signed out." in (await submit(here, "/settings", "/settings/sessions/revoke-others")).text


async def test_a_user_is_no_admin_and_is_told_the_code_that_their_ticket_bears(house):
    ada = await house.signed_in()
    page = await open_page(ada, "/admin/", status=403)
    (record,) = [each for each in await house.manager.store.scan("", 9) if each.identity]
    assert f"<code>{support_code(record.id)}</code>" in page.text
    for ticket in ("/dashboard", "/settings"):
        assert f'"number">{support_code(record.id)}<' in (await open_page(ada, ticket)).text
    assert "Your ticket does not open this door." in page.text
    assert "a role that your account does not have" in page.text
    assert page.form("/auth/logout")


async def test_an_admin_revokes_disables_and_enables(house):
    grace, ada = await house.signed_in("grace@example.test"), await house.signed_in()
    account = await house.app.state.cloakroom.accounts.by_email("ada@example.test")
    of_ada = f"/admin/people/{account.user_id}"
    (record,) = await house.manager.list(account.user_id)
    of_record = f"/admin/sessions/{record.id}"
    assert "is revoked" in (await submit(grace, of_record, f"{of_record}/revoke")).text
    assert (await ada.get("/dashboard")).status_code == 303
    await house.signed_in()
    assert "1 session revoked." in (await submit(grace, of_ada, f"{of_ada}/revoke")).text
    assert "account is disabled" in (await submit(grace, of_ada, f"{of_ada}/disable")).text
    refused = await submit(
        house.browser(), "/login", "/auth/login", email=account.email, password=house.passwords[account.email]
    )
    assert "is not right" in refused.text
    assert "open again" in (await submit(grace, of_ada, f"{of_ada}/enable")).text
    await house.signed_in()


async def test_an_admin_locks_nobody_out_by_mistake(house):
    grace = await house.signed_in("grace@example.test")
    account = await house.app.state.cloakroom.accounts.by_email("grace@example.test")
    mine = f"/admin/people/{account.user_id}"
    page = await open_page(grace, mine)
    assert f"{mine}/disable" not in page.text
    token = page.form(f"{mine}/revoke")
    for act, said in (("disable", "cannot disable your own"), ("revoke", "0 sessions revoked")):
        answer = await grace.post(f"{mine}/{act}", data=token)
        assert said in (await open_page(grace, answer.headers["location"])).text


async def test_a_form_without_its_token_is_refused_where_nothing_else_tells(house):
    browser = await house.signed_in()
    del browser.headers["sec-fetch-site"]
    answer = await browser.post("/dashboard/pockets", data={"thing": "x"})
    assert answer.status_code == 403
    assert "Not for this ticket" in answer.text


async def test_signing_out_leads_to_the_login_page(house):
    browser = await house.signed_in()
    page = await submit(browser, "/dashboard", "/auth/logout")
    assert page.form("/auth/login")
    assert "You are signed out." in page.text
    assert (await browser.get("/dashboard")).status_code == 303


async def test_what_is_not_there_is_404_in_the_houses_clothes(house):
    page = await open_page(await house.signed_in(), "/nowhere", status=404)
    assert "No such hook" in page.text
    api = await house.browser().get("/static/none.css", headers={"accept": "application/json"})
    assert api.status_code == 404
    assert "No such hook" not in api.text


def assert_refused(answer, status, words):
    assert answer.status_code == status
    assert set(answer.headers["content-security-policy"].split("; ")) == STRICT
    page = Page(answer.text)
    assert_plain(page)
    assert words in page.text


async def test_a_form_from_another_machine_over_plain_http_is_told_why_it_is_refused(house):
    elsewhere = house.browser(ip="192.0.2.7")
    page = await open_page(elsewhere, "/login")
    facts = {"email": "ada@example.test", "password": house.passwords["ada@example.test"]}
    answer = await post(elsewhere, page, "/login", "/auth/login", **facts)
    assert_refused(answer, 403, "only the demo&#39;s own machine can sign in")


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"email": "ada@example.test"}, 422, "The form lacks something."),
        ({"email": ["a", "b"], "password": "x"}, 400, "The request&#39;s body cannot be read."),
        ({"email": "x" * 70_000, "password": "x"}, 413, "The request&#39;s body is too large."),
    ],
)
async def test_a_form_that_cannot_be_read_is_answered_with_a_page(house, fields, status, words):
    answer = await house.browser().post("/auth/login", data=fields, headers={"referer": f"{ORIGIN}/login"})
    assert_refused(answer, status, words)


async def test_a_form_that_finds_the_hashing_busy_is_answered_with_a_page(house, monkeypatch):
    async def busy(*_):
        raise HashingBusy("too many")

    browser = house.browser()
    page = await open_page(browser, "/login")
    monkeypatch.setattr(Passwords, "verify", busy)
    answer = await post(browser, page, "/login", "/auth/login", email="ada@example.test", password="x" * 15)
    assert_refused(answer, 503, "Too many people are signing in right now.")
    assert answer.headers["retry-after"] == "1"


async def test_a_program_gets_its_problem_as_it_is(house):
    program = house.browser(ip="192.0.2.7")
    answer = await program.post("/auth/login", json={}, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (403, "insecure_transport")


async def test_the_rules_for_a_password_are_told_by_those_who_make_them(house):
    browser = house.browser()
    assert "At least 15 characters." in (await open_page(browser, "/register")).text
    told = {"email": "new@example.test", "name": "New"}
    short = await submit(browser, "/register", "/auth/register", password="short", **told)
    assert "Please use at least 15 characters" in short.text
    long = await submit(browser, "/register", "/auth/register", password="x" * 1_025, **told)
    assert "Please use at most 1,024 characters." in long.text


async def test_a_closed_store_is_503_with_a_page_and_a_sick_healthz(house, monkeypatch):
    from coatcheck.testing import FailingStore

    browser = await house.signed_in()
    assert (await browser.get("/healthz")).status_code == 200
    store = FailingStore(house.manager.store)
    store.fail()
    monkeypatch.setattr(house.manager._context, "store", store)
    page = await open_page(browser, "/dashboard", status=503)
    assert "The cloakroom is closed" in page.text
    sick = await browser.get("/healthz", headers={"accept": "*/*"})
    assert (sick.status_code, sick.json()["code"]) == (503, "store_unavailable")


async def test_a_picture_or_a_style_sheet_knows_nobody(house):
    browser = await house.signed_in()
    for path in ("/static/theme.css", "/static/ticket.svg"):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert "vary" not in answer.headers
        assert not re.search("https?://(?!www.w3.org/2000/svg)", answer.text)
