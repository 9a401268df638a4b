"""Pages of other origins with tokens: who may read, and what is left of what their browser sent."""

import pytest

from coatcheck import ConfigurationError
from coatcheck.web import OriginPolicy
from coatcheck.web.cross_origin import CrossOrigin
from tests.web.support import call

SPA = "https://spa.test"
PREFLIGHT = {"access-control-request-method": "PUT", "access-control-request-headers": "authorization"}
POLICY = OriginPolicy(public="https://app.test", bearers=frozenset({SPA, "capacitor://localhost"}))


class Inner:
    """An app that remembers the fields of its requests, and answers with some of its own."""

    def __init__(self, *headers):
        self.seen, self.headers = [], headers

    async def __call__(self, scope, receive, send):
        self.seen.append(dict(scope["headers"]))
        await send({"type": "http.response.start", "status": 200, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": b"ok"})


async def ask(inner, origin, method="GET", **fields):
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    headers = named if origin is None else {"origin": origin, **named}
    return await call(CrossOrigin(inner, POLICY), method, "/me", headers)


def shared(response):
    return {name for name, _ in response.raw if name.startswith(b"access-control-")}


@pytest.mark.parametrize("origin", [SPA, "HTTPS://SPA.test:443", "capacitor://localhost"])
async def test_a_page_that_bears_tokens_may_read_the_answer_and_its_headers(origin):
    response = await ask(Inner(), origin)
    assert response["access-control-allow-origin"] == origin
    assert response["access-control-expose-headers"] == "*"
    assert response["vary"] == "Origin"
    assert response["access-control-allow-credentials"] is None


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "*",
        "",
        "https://app.test",
        "http://spa.test",
        "https://spa.test:444",
        "https://spa.test.evil.test",
        "https://evil-spa.test",
        "https://sub.spa.test",
        "https://spa.test/",
        f"{SPA}, https://evil.test",
        f"{SPA}\r\nx: y",
    ],
)
async def test_any_other_page_may_not_and_passes_as_it_is(origin):
    inner = Inner()
    response = await ask(inner, origin, cookie="a=b")
    assert (shared(response), response["vary"]) == (set(), "Origin")
    assert inner.seen[0][b"cookie"] == b"a=b"
    refused = await ask(inner, origin, "OPTIONS", **PREFLIGHT)
    assert (shared(refused), refused.body) == (set(), b"ok")


async def test_what_a_browser_adds_by_itself_is_gone_before_the_app_sees_it():
    inner = Inner()
    fields = {"cookie": "__Host-session=x", "sec-fetch-site": "cross-site", "authorization": "Bearer x"}
    await ask(inner, SPA, "POST", **fields)
    assert set(inner.seen[0]) == {b"host", b"authorization"}


async def test_no_cookie_is_set_for_such_a_page():
    cookies = [(b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2")]
    assert (await ask(Inner(*cookies), SPA)).all("set-cookie") == []
    assert len((await ask(Inner((b"set-cookie", b"b=2")), "https://app.test")).all("set-cookie")) == 1


async def test_a_preflight_is_answered_in_the_apps_place():
    inner = Inner()
    response = await ask(inner, SPA, "OPTIONS", **PREFLIGHT)
    assert (response.status, response.body, inner.seen) == (204, b"", [])
    assert response["access-control-allow-origin"] == SPA
    assert response["access-control-allow-methods"] == "*"
    assert response["access-control-allow-headers"] == "*, Authorization"
    assert response["access-control-max-age"] == "600"
    assert response["vary"] == "Origin"


async def test_an_ordinary_options_request_is_the_apps():
    inner = Inner()
    assert (await ask(inner, SPA, "OPTIONS")).body == b"ok"
    assert len(inner.seen) == 1


@pytest.mark.parametrize(
    ("own", "wanted"),
    [
        ([(b"Vary", b"Cookie")], "Cookie, Origin"),
        ([(b"vary", b"Cookie, Origin")], "Cookie, Origin"),
        ([(b"vary", b"Cookie"), (b"vary", b"Accept")], "Cookie, Accept, Origin"),
        ([(b"vary", b"*")], "*"),
    ],
)
async def test_caches_are_told_beside_what_the_app_tells_them(own, wanted):
    assert (await ask(Inner(*own), None))["vary"] == wanted


async def test_what_is_no_http_passes_untouched():
    seen = []

    async def app(*given):
        seen.append(given)

    scope = {"type": "websocket", "headers": [(b"origin", SPA.encode()), (b"cookie", b"a=b")]}
    await CrossOrigin(app, POLICY)(scope, 1, 2)
    assert seen == [(scope, 1, 2)]


@pytest.mark.parametrize(
    "policy",
    [{"public": SPA}, {"trusted": frozenset({"https://SPA.test:443"})}, {"bearers": frozenset({f"{SPA}/"})}],
)
def test_an_origin_is_one_thing_or_the_other(policy):
    with pytest.raises(ConfigurationError):
        OriginPolicy(**{"bearers": frozenset({SPA})} | policy)
