"""A59 to A62: clocks that lie, and headers that claim to come from a proxy."""

import socket

import pytest

from tests.attack.servers import PROXY, PUBLIC_ORIGIN, User, new_address
from tests.attack.wire import COOKIE, NAVIGATION

pytestmark = pytest.mark.attack

HOUR, IDLE, ROTATE, OVERLAP, TOLERANCE = 3600, 30 * 60, 15 * 60, 10, 5
ADDRESS_LIMIT = 20  # attempts to sign in, a minute and address
THROUGH_PROXY = [("Origin", PUBLIC_ORIGIN), ("X-Forwarded-Proto", "https")]


def deadlines(server, id):
    record = server.database.session(id)
    return record.created_at, record.absolute_at, record.last_seen_at


def statuses(workers, token):
    return [worker.request("GET", "/me", NAVIGATION[1:], token=token).status for worker in workers]


@pytest.mark.parametrize("jump", [-HOUR, -1, 4])
def test_a59_clock_jumps_that_end_nothing(own_target, jump):
    """The clock is set back an hour, a leap second, a correction: no deadline moves, nobody is logged out."""
    signed_in = own_target.sign_in(own_target.new_user())
    created_at, absolute_at, seen_at = deadlines(own_target, signed_in.id)
    with own_target.both() as workers:
        own_target.advance(IDLE - 10)
        assert statuses(workers, signed_in.token) == [200, 200]  # activity, and both have read their clocks
        own_target.advance(jump)
        assert statuses(workers, signed_in.token) == [200, 200]
        now = deadlines(own_target, signed_in.id)
        assert now[:2] == (created_at, absolute_at)
        assert seen_at + IDLE - 10 <= now[2] <= seen_at + IDLE + TOLERANCE
        own_target.advance(max(0, -jump) + IDLE + TOLERANCE + 5)
        assert statuses(workers, signed_in.token) == [303, 303]


def test_a59_an_hour_ahead_and_back(own_target):
    """An hour ahead ends what is idle; an hour back revives nothing, and no deadline has moved."""
    signed_in = own_target.sign_in(own_target.new_user())
    before = deadlines(own_target, signed_in.id)
    with own_target.both() as workers:
        own_target.advance(HOUR)
        assert statuses(workers, signed_in.token) == [303, 303]
        own_target.advance(-HOUR)
        assert statuses(workers, signed_in.token) == [303, 303]
        touched = workers[0].request(
            "POST", "/auth/session/touch", own_target.own_page, token=signed_in.token, json={"idle_for": 0}
        )
        assert (touched.status, touched.code) == (401, "idle_timeout")
    assert deadlines(own_target, signed_in.id) == before
    assert own_target.sign_in(own_target.new_user())


def test_a59_one_worker_an_hour_ahead(own_target):
    """One worker far ahead refuses what looks idle to it, but ends nothing: the other still serves."""
    signed_in = own_target.sign_in(own_target.new_user())
    with own_target.both() as workers:
        ahead = workers[0].request("GET", "/").header("x-worker")
        own_target.advance(HOUR, ahead)
        assert statuses(workers, signed_in.token) == [303, 200]
        assert own_target.operate("sweep") == 0
        assert statuses(workers, signed_in.token) == [303, 200]
    assert own_target.events("session.ended", "token.reused") == []


def test_a59_workers_30_seconds_apart(own_target):
    """Two workers 30 s apart: rotations and activity at both, nobody accused or logged out."""
    signed_in = own_target.sign_in(own_target.new_user())
    token, absolute_at = signed_in.token, deadlines(own_target, signed_in.id)[1]
    with own_target.both() as workers:
        own_target.advance(30, workers[0].request("GET", "/").header("x-worker"))
        for _ in range(6):
            own_target.advance(ROTATE - 20)
            for worker in (*workers, *workers):
                answer = worker.request("GET", "/me", NAVIGATION, token=token)
                assert answer.status == 200
                token = answer.token or token
        record = own_target.database.session(signed_in.id)
        assert record.chain.generation >= 4
        assert record.absolute_at == absolute_at
        # The slow worker sees the fast one's activity in its future: that earns at most the 30 s.
        own_target.advance(IDLE + 30 + TOLERANCE + 1)
        assert statuses(workers, token) == [303, 303]
    assert own_target.events("token.reused", "session.ended", "store.rolled_back") == []


def wrong_login(server, number, source, *spoofed):
    """Try a password on an account that nobody else tries."""
    credentials = {"email": f"nobody{number}@example.test", "password": "not the right one"}
    headers = [*server.own_page, *spoofed]
    return server.request("POST", "/auth/login", headers, json=credentials, source=source).status


def test_a60_spoofed_addresses_dodge_no_limit(target, user):
    """`X-Forwarded-For` from anybody: the limit of the true address holds, and it alone is noted."""
    attacker = new_address()
    tried = [
        wrong_login(
            target,
            number,
            attacker,
            ("X-Forwarded-For", f"198.51.100.{number}"),
            ("X-Real-IP", f"198.51.100.{number}"),
            ("Forwarded", f"for=198.51.100.{number}"),
        )
        for number in range(ADDRESS_LIMIT + 3)
    ]
    assert tried == [401] * ADDRESS_LIMIT + [429] * 3
    elsewhere = new_address()
    headers = [*target.own_page, ("X-Forwarded-For", attacker)]
    credentials = {"email": user.email, "password": user.password}
    honest = target.request("POST", "/auth/login", headers, json=credentials, source=elsewhere)
    assert honest.status == 200
    assert target.database.session(honest.json()["session"]["id"]).device.ip == elsewhere
    assert "198.51.100." not in (target.folder / "events.jsonl").read_text()


@pytest.mark.parametrize(
    "field", ["X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Scheme", "Front-End-Https", "Forwarded"]
)
def test_a60_spoofed_scheme_flips_no_secure_flag(target, behind_proxy, user, field):
    """A claimed scheme from anybody: Secure stays where TLS is, and plain http stays plain."""
    said = (
        "proto=http" if field == "Forwarded" else "http",
        "proto=https" if field == "Forwarded" else "https",
    )
    credentials = {"email": user.email, "password": user.password}
    over_tls = target.request(
        "POST", "/auth/login", [*target.own_page, (field, said[0])], json=credentials, source=new_address()
    )
    assert "secure" in over_tls.cookies()[COOKIE].attributes
    assert over_tls.header("strict-transport-security")
    over_http = behind_proxy.request(
        "POST", "/notes", [(field, said[1])], json={"a": 1}, source=new_address()
    )
    assert over_http.all("set-cookie") == []


def test_a60_a_trusted_proxy_is_believed_and_only_its_own_word(behind_proxy):
    """The proxy that was named: the last address it adds counts, not what a client put before it."""
    attacker = "203.0.113.7"
    chain = [("X-Forwarded-For", f"198.51.100.1, {attacker}"), ("X-Forwarded-Proto", "https")]
    made = behind_proxy.request("POST", "/notes", chain, json={"a": 1}, source=PROXY)
    assert "secure" in made.cookies()[COOKIE].attributes
    created = behind_proxy.events("session.created")[-1]
    assert created["device"]["ip"] == attacker
    impostor = behind_proxy.request("POST", "/notes", chain, json={"a": 1}, source=new_address())
    assert impostor.all("set-cookie") == []


HOSTS = ["evil.test", "app.test.evil.test", "app.test@evil.test", "evil.test:443", "localhost:1", "[::1]", ""]


@pytest.mark.parametrize("host", HOSTS)
def test_a61_host_header_in_redirects_and_pages(demo, host):
    """A Host header of the attacker's: no redirect, page or cookie takes it up."""
    headers = [("Host", host), ("X-Forwarded-Host", host), *NAVIGATION]
    for path in ("/dashboard", "/", "/login", "/forgot-password", "/register", "/dashboard/"):
        answer = demo.request("GET", path, headers)
        assert answer.status in {200, 303, 307, 400, 404}
        location = answer.header("location")
        assert location is None or location.startswith("/login?"), (path, location)
        if host:
            assert host.encode() not in answer.body
        assert "domain" not in {key for cookie in answer.cookies().values() for key in cookie.attributes}
    asked = demo.request(
        "POST", "/forgot-password", [*headers, ("Sec-Fetch-Site", "same-origin")], form={"email": "a@b.test"}
    )
    assert not host or host.encode() not in asked.body


def test_a61_host_header_does_not_decide_who_we_are(behind_proxy):
    """Where the public origin is configured, `Host` makes no other origin ours."""
    user = proxied_user(behind_proxy)
    login = {"email": user.email, "password": user.password}

    def attempt(origin, host):
        headers = [("Host", host), ("Origin", origin), ("X-Forwarded-Proto", "https")]
        return behind_proxy.request("POST", "/auth/login", headers, json=login, source=PROXY)

    for host in ("evil.test", "app.test", "app.test:443"):
        refused = attempt("https://evil.test", host)
        assert (refused.status, refused.code) == (403, "cross_origin")
    assert attempt(PUBLIC_ORIGIN, "internal:8000").status == 200


@pytest.mark.parametrize("host", [["localhost", "evil.test"], ["evil.test", "localhost"]])
def test_a61_two_hosts(target, host):
    """Two Host fields: refused, not chosen from."""
    assert target.request("GET", "/me", [("Host", name) for name in host]).status == 400


def test_a61_absolute_request_target(target, signed_in):
    """A request line that names another site: not found, and no session is shown."""
    for path in ("https://evil.test/me", "//evil.test/me", "evil.test/me"):
        assert target.request("GET", path, token=signed_in.token).status in {400, 404}


def proxied_user(server):
    """Make an account on the server behind the proxy."""
    email, password = f"{new_address()}@example.test", "perfectly fine passphrase"
    return User(email, password, server.operate("add", email=email, password=password)["user_id"])


def test_a62_plain_http_with_a_valid_cookie(behind_proxy):
    """TLS stripped: a request over plain http with a valid cookie is nobody's, and gets none back."""
    user = proxied_user(behind_proxy)
    login = {"email": user.email, "password": user.password}
    token = behind_proxy.request("POST", "/auth/login", THROUGH_PROXY, json=login, source=PROXY).token
    behind_proxy.advance(ROTATE + 1)  # so that a rotation is due, and a response could hand one out
    source = new_address()
    page = behind_proxy.request("GET", "/me", NAVIGATION, token=token, source=source)
    assert (page.status, page.header("location")) == (303, "/login?next=%2Fme&reason=no_session")
    stripped = [
        page,
        behind_proxy.request("GET", "/me", token=token, source=source),
        behind_proxy.request("GET", "/auth/session", token=token, source=source),
        behind_proxy.request("POST", "/notes", token=token, json={"a": 1}, source=source),
        behind_proxy.request("POST", "/auth/login", json=login, source=source),
        behind_proxy.request("POST", "/auth/logout", token=token, source=source),
    ]
    assert [answer.status for answer in stripped[1:]] == [401, 403, 204, 403, 403]
    assert all(answer.all("set-cookie") == [] for answer in stripped)
    assert all(answer.header("strict-transport-security") is None for answer in stripped)
    served = behind_proxy.request("GET", "/me", THROUGH_PROXY, token=token, source=PROXY)
    assert (served.status, "secure" in served.cookies()[COOKIE].attributes) == (200, True)


def test_a62_plain_http_to_the_tls_port(target, signed_in):
    """Plain http to the port that speaks TLS: no answer at all."""
    with socket.create_connection(("127.0.0.1", target.port), 10) as connection:
        connection.sendall(
            f"GET /me HTTP/1.1\r\nHost: localhost\r\nCookie: {COOKIE}={signed_in.token}\r\n\r\n".encode()
        )
        try:
            answer = connection.recv(1000)
        except ConnectionResetError:
            answer = b""
    assert b"HTTP" not in answer
