"""Other sites reading our answers, A42, and links of ours that lead to them, A43."""

import html
import re
from urllib.parse import parse_qs, quote, unquote, urlencode, urljoin, urlsplit

import pytest

from tests.attack.servers import new_address
from tests.attack.target import SPA
from tests.attack.tokens import bearing, enter

pytestmark = pytest.mark.attack

ESCAPES = [
    "//evil.test",
    "///evil.test",
    "////evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "\\/evil.test",
    "/\\/evil.test",
    "//\\evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r/evil.test",
    "/\t\\evil.test",
    "\t//evil.test",
    " //evil.test",
    "\x00//evil.test",
    "/\x00/evil.test",
    "/\x0b/evil.test",
    "/%09/evil.test",
    "/%0a/evil.test",
    "/%0d%0aSet-Cookie:x=y",
    "/ok\r\nSet-Cookie: x=y",
    "/ok\r\n\r\n<script>alert(1)</script>",
    "/%5cevil.test",
    "/%5Cevil.test",
    "/%2fevil.test",
    "/%2Fevil.test",
    "/%2f%2fevil.test",
    "/%252fevil.test",
    "/%255cevil.test",
    "/%25252fevil.test",
    "/%252f%252fevil.test",
    "/.//evil.test",
    "/..//evil.test",
    "/./\\evil.test",
    "/%2e%2e//evil.test",
    "/x/..//evil.test",
    "/x/../\\evil.test",
    "https:evil.test",
    "https:/evil.test",
    "https://evil.test",
    "HTTPS://evil.test",
    "http:///evil.test",
    "http:\\\\evil.test",
    "https:\\evil.test",
    "ht\ttps://evil.test",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://evil.test/x",
    "@evil.test",
    "/@evil.test:80\\evil.test",
    ".evil.test",
    ":80@evil.test",
    "evil.test",
    "https://localhost@evil.test",
    "https://localhost:1@evil.test/",
    "https://localhost.evil.test",
    "https://evil.test#localhost",
    "https://evil.test?localhost",
    "https://evil.test\\@localhost",
    "//localhost@evil.test",
    "//[::1]@evil.test",
    "/\uff0fevil.test",
    "\uff0f\uff0fevil.test",
    "/\uff3cevil.test",
    "/\u2215evil.test",
    "/\u2044evil.test",
    "/\u3002evil.test",
    "//evil\u3002test",
    "/%ef%bc%8fevil.test",
    "/\u2028/evil.test",
    "/\u200b/evil.test",
    "/\ufeff/evil.test",
    "?next=//evil.test",
    "#//evil.test",
    "",
    "x" * 10_000,
    "/" + "x" * 100_000,
]
"""Where nobody may be led; what a parser makes of some of them depends on the parser."""

HOME = ["/me", "/me?x=//evil.test", "/me#//evil.test", "/a%20b", "/notes?next=https://evil.test/"]
"""Targets that stay."""


def leaves(origin, location):
    """Tell whether any of the ways in which browsers and proxies read a location leads elsewhere."""
    readings = {location}
    for _ in range(6):
        readings |= {unquote(reading) for reading in readings}
        readings |= {
            re.sub(r"[\t\r\n]", "", reading).strip("".join(map(chr, range(33)))) for reading in readings
        }
        readings |= {re.sub(r"[\\\uff0f\uff3c\u2044\u2215]", "/", reading) for reading in readings}
    return any(_is_elsewhere(origin, reading) for reading in readings)


def _is_elsewhere(origin, reading):
    path = re.split(r"[?#]", reading)[0]
    if (
        not path.startswith("/")
        or path.startswith("//")
        or re.search(r"[\x00-\x1f\x7f]|//|/\.\.?(/|$)", path)
    ):
        return True
    joined, own = urlsplit(urljoin(origin, path)), urlsplit(origin)
    return (joined.scheme, joined.netloc) != (own.scheme, own.netloc)


def assert_stays(server, response, attack):
    """Check a redirect: one location, of this very origin, and nothing else slipped into the head."""
    location = response.header("location")
    assert location is not None, (attack, response)
    assert not leaves(server.origin, location.partition("?")[0]), (attack, location)
    assert "evil" not in urlsplit(location).path, (attack, location)
    assert set(response.cookies()) <= {"__Host-session", "__Host-device"}, (attack, response)
    return location


@pytest.mark.parametrize(
    "attack", ["//evil.test", "/\\evil.test", "/\t/evil.test", "javascript:x", "/%2fevil"]
)
def test_the_oracle_knows_an_escape(attack):
    assert leaves("https://localhost:1", attack)
    assert not leaves("https://localhost:1", "/me")


def test_a42_other_origins_read_nothing(target, signed_in):
    """Attack: CORS: reflected Origin with credentials, `null` origin. Expected: no ACAO."""
    own = f"localhost:{target.port}"
    origins = [
        "https://evil.test",
        "null",
        f"https://{own}.evil.test",
        f"https://evil-{own}",
        f"https://evil.{own}",
        f"http://{own}",
        "https://friend.test",
        "*",
    ]
    paths = [
        "/",
        "/me",
        "/notes",
        "/assets/a.css",
        "/looked",
        "/admin",
        "/auth/session",
        "/auth/sessions",
        "/x",
    ]
    preflight = [
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "x-csrf-token"),
    ]
    with target.both() as workers:
        for worker in workers:
            for origin in origins:
                for path in paths:
                    asked = [
                        worker.request("GET", path, [("Origin", origin)], token=signed_in.token),
                        worker.request("OPTIONS", path, [("Origin", origin), *preflight]),
                        worker.request("POST", path, [("Origin", origin)], token=signed_in.token, json={}),
                    ]
                    for response in asked:
                        shared = [name for name, _ in response.headers if name.startswith("access-control-")]
                        assert shared == [], (origin, path, response)
                        assert response.header("cross-origin-resource-policy") == "same-origin"


def test_a42_a_page_that_bears_tokens_gets_nothing_out_of_a_cookie(target, user, signed_in):
    """Attack: the other origin that may read answers is taken over: it rides the victim's cookie, and signs
    the victim's browser in as the attacker. Expected: no cookie counts, and none is set."""
    origin, jar = [("Origin", SPA), ("Sec-Fetch-Site", "cross-site")], signed_in.token
    credentials = {"email": user.email, "password": user.password}
    read = [target.request("GET", path, origin, token=jar) for path in ("/me", "/auth/sessions", "/notes")]
    acted = [
        target.request("POST", "/notes", origin, token=jar, json={"locale": "evil"}),
        target.request("POST", "/auth/logout", origin, token=jar, json={}),
        target.request("DELETE", "/auth/sessions", origin, token=jar),
        target.request("POST", "/auth/login", origin, json=credentials, source=new_address()),
        target.request("POST", "/auth/login", origin, token=jar, form=credentials, source=new_address()),
    ]
    for response in (*read, *acted):
        assert response.header("access-control-allow-origin") == SPA
        assert response.header("access-control-allow-credentials") is None
        assert response.all("set-cookie") == []
    assert [response.status for response in read] == [401, 401, 200]
    assert read[2].json() == {}
    alive = target.request("GET", "/notes", token=jar)
    assert (alive.status, alive.json()) == (200, {})
    assert target.request("GET", "/me", token=jar).status == 200


def test_a42_only_the_origin_that_is_named_reads_what_a_token_opens(target, user):
    """Attack: an access token that got out, used by a page of another origin, `null` and look-alikes.
    Expected: the page that is named reads the answer; no other page does."""
    client = enter(target, user)
    preflight = [
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "authorization"),
    ]
    named = [("Origin", SPA)]
    assert target.request("OPTIONS", "/me", [*named, *preflight]).status == 204
    answer = target.request("GET", "/me", [*named, *bearing(client.access)])
    assert (answer.status, answer.header("access-control-allow-origin")) == (200, SPA)
    for origin in ("null", "*", "http://spa.test", f"{SPA}:444", f"{SPA}.evil.test", "https://x.spa.test"):
        other = [("Origin", origin)]
        for response in (
            target.request("OPTIONS", "/me", [*other, *preflight]),
            target.request("GET", "/me", [*other, *bearing(client.access)]),
        ):
            shared = [name for name, _ in response.headers if name.startswith("access-control-")]
            assert shared == [], (origin, response)


@pytest.mark.parametrize(
    "attacks", [(*ESCAPES[::4], *HOME), pytest.param(ESCAPES, marks=pytest.mark.long)], ids=["part", "all"]
)
def test_a43_open_redirect_of_the_login_form(target, attacks):
    """Attack: open redirect `next=`: `//evil`, `/\\evil`, `///evil`, `/%09/evil`, tab inside,
    `https:evil`, `http:///evil`, `javascript:`, `@evil`, userinfo, unicode slashes, double encoding.
    Expected: same-origin path only."""
    user = target.new_user()
    for attack in attacks:
        form = {"email": user.email, "password": user.password, "next": attack}
        response = target.request("POST", "/auth/login", target.own_page, form=form, source=new_address())
        if len(attack) > 65_536:
            assert (response.status, response.cookies()) == (413, {})
            continue
        assert response.status == 303
        location = assert_stays(target, response, attack)
        assert location == (attack if attack in HOME else "/me"), attack


def test_a43_open_redirect_of_a_refused_login(target):
    """The same where the password was wrong, with a `Referer` that leads astray."""
    source = new_address()
    form = {"email": target.new_user().email, "password": "not the right passphrase"}
    referers = ["", "https://evil.test/login", f"{target.origin}//evil.test", f"{target.origin}@evil.test/"]
    for referer in referers:
        for attack in ESCAPES[:-1]:
            headers = [*target.own_page, ("Referer", referer)]
            response = target.request(
                "POST", "/auth/login", headers, form={**form, "next": attack}, source=source
            )
            location = assert_stays(target, response, attack)
            assert urlsplit(location).path == "/login"
            assert parse_qs(urlsplit(location).query)["next"] == ["/"], (referer, attack)


def test_a43_open_redirect_of_the_login_page(demo):
    """The same corpus against `/login?next=`: what the form will send back."""
    for attack in [*ESCAPES, *HOME]:
        if len(attack) > 20_000:
            continue
        response = demo.request("GET", f"/login?{urlencode({'next': attack})}")
        assert response.status == 200, attack
        fields = re.findall(r'name="next" value="([^"]*)"', response.body.decode())
        shown = attack if attack in HOME else "/dashboard"
        assert [html.unescape(field) for field in fields] == [shown], attack
        links = re.findall(r'(?:href|action)="([^"]*)"', response.body.decode())
        assert not [link for link in links if "evil" in html.unescape(link)], attack


def test_a43_open_redirect_for_users_on_the_guests_page(target, signed_in):
    """The same corpus against the redirect that sends signed-in users on; both spellings of each."""
    with target.connect() as connection:
        for attack in [*ESCAPES, *HOME]:
            for value in {quote(attack, safe=""), quote(attack, safe="/\\:@%?=;")}:
                asked = f"/login?next={value}"
                response = connection.request("GET", asked, token=signed_in.token)
                assert response.status == 303, attack
                assert_stays(target, response, attack)
        twice = connection.request("GET", "/login?next=/me&next=//evil.test", token=signed_in.token)
        assert twice.header("location") == "/me"


def test_a43_open_redirect_at_logout(target, user):
    """The same corpus with logout, in the form, in the query and as `Referer`: it leads to one place."""
    for number, attack in enumerate(ESCAPES[:60]):
        token = target.sign_in(user).token if number % 20 == 0 else None
        clean = attack if attack.isprintable() and attack.isascii() else "https://evil.test"
        response = target.request(
            "POST",
            f"/auth/logout?next={quote(attack, safe='')}",
            [*target.own_page, ("Referer", clean)],
            token=token,
            form={"next": attack, "return_to": attack},
        )
        assert (response.status, response.header("location")) == (303, "/login?reason=logged_out"), attack


def test_a43_open_redirect_of_the_guard(target):
    """The same with the path itself, which the guard turns into `next`."""
    page = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")]
    with target.connect() as connection:
        for path in (
            "/me?next=//evil.test",
            "/x%20//evil.test",
            "/%09/evil.test",
            "//evil.test",
            "/@evil.test",
        ):
            response = connection.request("GET", path, page)
            if response.status == 404:
                continue
            location = assert_stays(target, response, path)
            assert urlsplit(location).path == "/login"
            following = parse_qs(urlsplit(location).query)["next"][0]
            assert not leaves(target.origin, following), path
