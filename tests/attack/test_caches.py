"""A56: somebody sits in front of the site with a cache."""

import pytest

from tests.attack.servers import new_address
from tests.attack.wire import NAVIGATION

pytestmark = pytest.mark.attack

ROTATE = 15 * 60


def directives(response):
    return {word.strip() for word in (response.header("cache-control") or "").split(",")}


def assert_private(response):
    """No cache keeps it, and none hands it to another browser."""
    assert directives(response) == {"no-store"}
    assert "cookie" in (response.header("vary") or "").lower()


@pytest.mark.parametrize(
    "path",
    [
        "/me/a.css",
        "/me.css",
        "/me%2fa.css",
        "/me/%2e%2e/a.css",
        "/me;a.css",
        "/me%00.css",
        "/me/..%2fa.css",
        "/me//a.js",
    ],
)
def test_a56_cache_deception(target, signed_in, path):
    """A personal page under a cacheable name: 404, and not to be stored."""
    tricked = target.request("GET", path, NAVIGATION, token=signed_in.token)
    assert tricked.status == 404
    assert directives(tricked) == {"no-store"}
    assert b"@example.test" not in tricked.body


def test_a56_cacheable_responses_never_carry_a_session(target, signed_in):
    """Set-Cookie on a cacheable response: never, not even when a rotation is due."""
    target.advance(ROTATE + 1)
    shared = target.request("GET", "/assets/app.css", NAVIGATION, token=signed_in.token)
    assert (shared.status, shared.token) == (200, None)
    assert directives(shared) == {"public", "max-age=3600"}
    # An app that looks at the session cannot make the response public, whatever it says.
    for token in (signed_in.token, None):
        assert_private(target.request("GET", "/looked", token=token))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path", ["/dashboard", "/profile", "/settings", "/login", "/auth/session", "/nowhere", "/admin"]
)
def test_a56_personal_pages_are_never_stored(demo, path, method):
    """Every page that depends on who looks, signed in or not: no-store, and varied by the cookie."""
    token = demo.sign_in(demo.users["ada@example.test"], source=new_address()).token
    for presented in (token, None, "A" * 64):
        answer = demo.request(method, path, NAVIGATION, token=presented)
        assert answer.status < 500
        assert_private(answer)
        assert answer.header("x-content-type-options") == "nosniff"
        assert "frame-ancestors 'none'" in answer.header("content-security-policy")
        assert int(answer.header("strict-transport-security").split(";")[0].split("=")[1]) >= 31_536_000


def test_a56_unkeyed_headers_poison_nothing(demo):
    """Headers no cache keys by: they change nothing that a cache could keep."""
    poison = [
        ("X-Forwarded-Host", "evil.test"),
        ("X-Host", "evil.test"),
        ("Forwarded", "host=evil.test;proto=http"),
        ("X-Original-URL", "/admin"),
        ("X-Rewrite-URL", "/admin"),
        ("X-Forwarded-Prefix", "/evil.test"),
    ]
    for path in ("/", "/login", "/static/theme.css", "/dashboard"):
        plain = demo.request("GET", path, NAVIGATION)
        poisoned = demo.request("GET", path, [*NAVIGATION, *poison])
        assert (poisoned.status, poisoned.body) == (plain.status, plain.body)
        assert poisoned.header("location") == plain.header("location")


def test_a56_back_button_after_logout(target, signed_in):
    """The back button after logout: no page was stored, and the cache is told to forget."""
    assert_private(target.request("GET", "/me", NAVIGATION, token=signed_in.token))
    left = target.request("POST", "/auth/logout", target.own_page, token=signed_in.token)
    assert '"cache"' in left.header("clear-site-data")
    assert_private(left)
    back = target.request("GET", "/me", NAVIGATION, token=signed_in.token)
    assert back.header("location").startswith("/login?next=%2Fme&reason=logged_out&support_code=")
    assert_private(back)
