"""A10 to A17: cookies that no browser of ours would send."""

import base64
import secrets
import time
from urllib.parse import quote

import pytest

from tests.attack.servers import new_address
from tests.attack.wire import COOKIE

pytestmark = pytest.mark.attack

MALFORMED = {
    "empty": b"",
    "a megabyte": b"A" * 1_000_000,
    "NUL": b"A" * 63 + b"\0",
    "emoji": "🧥".encode() * 16,
    "a path": b"../../../../etc/passwd",
    "a pattern": b"*",
    "64 patterns": b"*" * 64,
    "SQL": b"' OR 1=1 --",
    "SQL of the right length": b"' OR 1=1 UNION SELECT * FROM coatcheck_sessions--".ljust(64, b"-"),
    "Redis": b"x\r\nFLUSHALL\r\n",
    "Redis, encoded": b"x%0d%0aFLUSHALL%0d%0a",
    "one too short": b"A" * 63,
    "one too long": b"A" * 65,
    "padded": b"A" * 62 + b"==",
    "standard base64": b"+/" * 32,
    "quoted": b'"' + b"A" * 64 + b'"',
    "spaced": b"A" * 32 + b" " + b"A" * 31,
    "digits of Unicode": "\u0661".encode() * 32,
}


def cookie(*values, name=COOKIE):
    """One `cookie` field with a pair for each value."""
    pairs = (
        f"{name}=".encode() + (value if isinstance(value, bytes) else value.encode()) for value in values
    )
    return ("Cookie", b"; ".join(pairs))


def test_a10_malformed_ids(own_target):
    """Malformed ids: anonymous, no store call, no 500. (400 where they are not even HTTP.)"""
    # Without its table every look into the store is a fault, so whoever is served caused none.
    own_target.database.write("ALTER TABLE coatcheck_sessions RENAME TO hidden")
    statuses = {
        what: own_target.request("GET", "/notes", [cookie(value)]).status for what, value in MALFORMED.items()
    }
    not_http = {what for what, status in statuses.items() if status == 400}
    assert not_http <= {"NUL", "Redis"}
    assert set(statuses.values()) <= {200, 400}
    assert own_target.request("GET", "/notes", token=secrets.token_urlsafe(48)).status == 503
    own_target.database.write("ALTER TABLE hidden RENAME TO coatcheck_sessions")
    assert own_target.events("token.malformed")
    assert own_target.request("GET", "/me", [cookie(b"*")]).status == 401


@pytest.mark.parametrize(
    "guesses", [1_000, pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_a11_brute_force_of_random_ids(target, signed_in, guesses):
    """10^5 random ids: all anonymous, and the counter alarms. Every second guess knows a real, public id."""
    known, attacker = bytes.fromhex(signed_in.id), new_address()
    tried = 0
    with target.connect(attacker) as connection:
        for number in range(guesses):
            start = known if number % 2 else secrets.token_bytes(16)
            guess = base64.urlsafe_b64encode(start + secrets.token_bytes(32)).decode()
            tried += connection.request("GET", "/me", token=guess).code == "unknown_token"
        target.advance(2)  # past the second within which a flood is one event
        connection.request("GET", "/me", token=secrets.token_urlsafe(48))
    assert tried == guesses
    alarms = [event for event in target.events("token.unknown") if event["device"]["ip"] == attacker]
    assert sum(alarm["count"] for alarm in alarms) == guesses + 1
    assert len(alarms) < guesses / 10
    assert target.request("GET", "/me", token=signed_in.token).status == 200
    # A flood from one's own address keeps nobody from signing in.
    assert target.sign_in(target.new_user(), source=attacker)


def test_a12_duplicate_cookie_names(target, signed_in):
    """Valid and evil in both orders, in one field or two: anonymous and an event, never "pick one"."""
    evil, ours = secrets.token_urlsafe(48), signed_in.token
    attempts = [
        [cookie(ours, evil)],
        [cookie(evil, ours)],
        [cookie(ours, ours)],
        [cookie(ours), cookie(evil)],
        [cookie(evil), cookie(ours)],
        [cookie(ours, "")],
        [cookie(b"", ours)],
        [("Cookie", f"{COOKIE}={ours};{COOKIE}={evil}")],
    ]
    before = len(target.events("cookie.duplicate"))
    for headers in attempts:  # each from elsewhere: of one address, one a second is told
        refused = target.request("GET", "/me", headers, source=new_address())
        assert (refused.status, refused.code, refused.token) == (401, "no_session", None)
    assert len(target.events("cookie.duplicate")) == before + len(attempts)
    assert target.request("GET", "/me", token=ours).status == 200


def test_a13_cookie_tossing_from_a_sibling(target, user):
    """Tossed with Domain and a deeper Path: our cookie forbids both, and an unprefixed twin is ignored."""
    victim, evil = target.sign_in(user), target.sign_in(target.new_user()).token
    assert victim.response.cookies()[COOKIE].attributes == {
        "path": "/",
        "httponly": "",
        "samesite": "Lax",
        "secure": "",
    }
    for twin in ("session", "__Secure-session", "Host-session", "__Host-session.", "x__Host-session"):
        for pairs in (f"{twin}={evil}; {COOKIE}={victim.token}", f"{COOKIE}={victim.token}; {twin}={evil}"):
            assert target.request("GET", "/me", [("Cookie", pairs)]).json()["email"] == user.email
        assert target.request("GET", "/me", [("Cookie", f"{twin}={evil}")]).code == "no_session"


@pytest.mark.parametrize(
    "field",
    [
        b"__host-session=%s",
        b"__HOST-session=%s",
        b"__Host-Session=%s",
        b"a=1;  __Host-session=%s",
        b"a=1;\t__Host-session=%s",
        b"=__Host-session=%s",
        b"a=1; =__Host-session=%s",
        b"\xe2\x80\x80__Host-session=%s",  # U+2000, which some servers strip as a space
        b"a=1; \xa0__Host-session=%s",
        b"a=1, __Host-session=%s",
        b"__Host-session =%s",
        b"__Host-session= %s",
        b"__Host-session==%s",
        b"__Host-session:%s",
        b"__Host%%2dsession=%s",
    ],
)
def test_a14_lookalike_names(target, signed_in, field):
    """Names that only resemble ours, and nameless cookies whose value looks like ours: ignored."""
    refused = target.request("GET", "/me", [("Cookie", field % signed_in.token.encode())])
    assert (refused.status, refused.token) == (401, None)


@pytest.mark.parametrize(
    "sibling",
    [
        b"bad[]=1",
        b"=nameless",
        b"flag",
        b'a"b=c',
        b'a="unclosed',
        b"@=1",
        "café=crème".encode(),
        b"\xff\xfe=\x80",
        b"a=b=c",
        b"",
        b";;; ;",
        b'j={"a":"b;c","d":[1,2]}',
        b"a=\\012",
        b"$Version=1; $Path=/",
        b"path=/; domain=evil.test; expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ],
)
def test_a15_malformed_sibling_before_ours(target, signed_in, sibling):
    """A malformed cookie before ours: the session is still found."""
    for field in (
        sibling + b"; " + cookie(signed_in.token)[1],
        cookie(signed_in.token)[1] + b"; " + sibling,
    ):
        assert target.request("GET", "/me", [("Cookie", field)]).status == 200


def test_a16_cookie_bomb(target, demo, signed_in):
    """200 cookies, 64 kB and more: 431 or anonymous (here: the right session), bounded time, no 500."""
    ours, junk = (
        signed_in.token.encode(),
        "; ".join(f"c{number}={'x' * 320}" for number in range(200)).encode(),
    )
    assert len(junk) > 64_000
    bombs = {
        "no cookie of ours": (junk, {401}),
        "ours behind it": (junk + b"; " + cookie(ours)[1], {200}),
        "200 of ours": (b"; ".join([cookie(b"A" * 320)[1]] * 200), {401}),
        "64 kB of almost ours": (b"__Host-session;" * 4_400, {401}),
        "a megabyte of separators": (b"; " * 500_000 + cookie(ours)[1], {200}),
        "a megabyte of needles": (b"a__Host-session=" * 65_000, {401}),
        "one cookie of a megabyte": (b"c=" + b"x" * 1_000_000 + b"; " + cookie(ours)[1], {200}),
    }
    for what, (bomb, expected) in bombs.items():
        began = time.monotonic()
        assert target.request("GET", "/me", [("Cookie", bomb)]).status in expected, what
        assert time.monotonic() - began < 5, what
    # The demo's server limits its headers: it refuses, and goes on.
    assert demo.request("GET", "/dashboard", [("Cookie", junk)]).status in {303, 400, 401, 431}
    assert demo.request("GET", "/").status == 200


SPLITS = [
    "/x\r\nX-Injected: yes",
    "/x\nX-Injected: yes",
    "/x\rX-Injected: yes",
    "/x%0d%0aX-Injected:%20yes",
    "/x%250d%250aX-Injected:%20yes",
    "/x\u560d\u560aX-Injected: yes",  # cut down to eight bits these are CR and LF
    "/x\u2028X-Injected: yes",
    "/x\0X-Injected: yes",
    "/x\r\n\r\n<script>alert(1)</script>",
]
EXPECTED_HEADERS = {
    "date", "server", "x-worker", "content-type", "content-length", "location", "set-cookie", "vary",
    "cache-control", "x-content-type-options", "referrer-policy", "content-security-policy",
    "cross-origin-opener-policy", "cross-origin-resource-policy", "strict-transport-security",
    "clear-site-data",
}  # fmt: skip


def assert_whole(response):
    """A response consists of the headers we know, and leads nowhere but to this site."""
    assert response.status < 500
    names = [name for name, _ in response.headers]
    assert set(names) <= EXPECTED_HEADERS
    assert len([name for name in names if name != "set-cookie"]) == len(set(names) - {"set-cookie"})
    location = response.header("location")
    assert location is None or (location.startswith("/") and "\r" not in location and "\n" not in location)
    assert b"<script>alert" not in response.body


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", ["target", "demo"])
def test_a17_header_splitting(request, name, split):
    """Through `next`, an address, a cookie: encoded or refused; exactly the expected headers."""
    server = request.getfixturevalue(name)
    user = next(iter(server.users.values()), None) or server.new_user()
    page = [("Sec-Fetch-Mode", "navigate"), ("Accept", "text/html")]
    form = {"email": user.email, "password": user.password, "next": split}
    signed_in = server.request("POST", "/auth/login", server.own_page, form=form, source=new_address())
    assert signed_in.status == 303
    assert signed_in.header("location") in {"/me", "/dashboard"}
    wrong = server.request(
        "POST", "/auth/login", server.own_page, form={**form, "password": split}, source=new_address()
    )
    encoded = quote(split)
    answers = [
        signed_in,
        wrong,
        server.request("GET", encoded, page),
        server.request("GET", f"/me?next={encoded}", page),
        server.request("GET", f"/login?next={encoded}", page),
        server.request("GET", f"/login?next={encoded}", page, token=signed_in.token),
        server.request(
            "POST", "/auth/logout", [*server.own_page, ("Referer", server.origin + encoded)], form={}
        ),
        server.request("GET", "/me", [*page, ("Cookie", f"{COOKIE}={encoded}; __Host-device={encoded}")]),
    ]
    for answer in answers:
        assert_whole(answer)
