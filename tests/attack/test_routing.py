"""Ways around the guard, A44, and sessions that pretend to be more than they are, A45."""

import pytest

from tests.attack.servers import new_address
from tests.attack.wire import COOKIE, HANDSHAKE

pytestmark = pytest.mark.attack

METHODS = ["GET", "HEAD", "OPTIONS", "TRACE", "get", "Get", "FROB", "PROPFIND", "QUERY", "X" * 300]

DETOURS = [
    "{path}",
    "{path}/",
    "{path}//",
    "{path}?",
    "{path}?/../../assets/a.css",
    "{path}.",
    "{path}%2e",
    "{path}%20",
    "{path}%00",
    "{path}%0a",
    "{path}%09",
    "{path};x",
    "{path};/assets",
    "{path}%3bx",
    "{path}/;x",
    "{path}/.",
    "{path}/..;/",
    "{path}%2f",
    "{path}%2f..",
    "{path}%5c",
    "{path}\\",
    "{path}.css",
    "{path}.json",
    "{path}x",
    "{path}~",
    "{path}%23",
    "{path}%3f",
    "/{path}",
    "//{path}",
    "/.{path}",
    "/%2e{path}",
    "/x/..{path}",
    "/assets/..{path}",
    "/assets/%2e%2e{path}",
    "/assets%2f..{path}",
    "/assets/..%2f{path}",
    "/assets/..;{path}",
    "/assets;/..{path}",
    "/assets\\..{path}",
    "/assets/%252e%252e{path}",
    "/auth/..{path}",
    "/%2f{path}",
    "/;{path}",
    "/;x{path}",
    "/%5c{path}",
    "/%00{path}",
    "/%c0%af{path}",
    "/%e3%80%80{path}",
    "\\{path}",
    "https://localhost:{port}{path}",
    "http://localhost{path}",
    "https://evil.test{path}",
    "//evil.test{path}",
    "localhost:{port}{path}",
    "@evil.test{path}",
    "*{path}",
    "*",
    ".{path}",
    "%2f{path}",
]
"""Other spellings of a path, and some that only look like one."""


def spellings(path, port):
    """Return every detour to a path, and what case and percent-encoding make of it."""
    encoded = "/" + "".join(f"%{ord(character):02x}" for character in path[1:])
    doubly = encoded.replace("%", "%25")
    bare = path[1:]
    written = [path.upper(), path.title(), path.swapcase(), encoded, encoded.upper(), doubly, bare]
    written += [detour.format(path=path, port=port) for detour in DETOURS]
    return list(dict.fromkeys(written))


def refusals(target, path, **how):
    """Send every spelling by every method to both workers; return what they answered."""
    answers = []
    with target.both() as workers:
        for worker in workers:
            for method in METHODS:
                asked = spellings(path, target.port) if method in ("GET", "HEAD", "FROB") else [path]
                answers += [(method, each, ask(target, worker, method, each, **how)) for each in asked]
    return answers


def ask(target, worker, method, spelling, **how):
    """Ask a worker; one that hangs up is asked over a fresh connection from then on."""
    try:
        return worker.request(method, spelling, **how)
    except (ConnectionError, OSError):
        return target.request(method, spelling, **how)


@pytest.mark.parametrize("path", ["/me", "/admin", "/sensitive"])
def test_a44_route_bypass_without_a_session(target, path):
    """Attack: route bypass: `/dashboardx`, `/Dashboard`, `//dashboard`, `/./dashboard`,
    `/dashboard%2f..`, `;x`, trailing dot, HEAD, unknown method.
    Expected: as protected as the target, or 404."""
    for method, spelling, response in refusals(target, path):
        assert response.status in (400, 401, 404), (method, spelling, response)
        assert not response.cookies()


def test_a44_route_bypass_to_another_role(target, user, signed_in):
    """The same for a signed-in user who lacks the role: no spelling leads to what `/admin` shows."""
    answers = refusals(target, "/admin", token=signed_in.token)
    assert {response.status for _, spelling, response in answers if spelling == "/admin"} == {403}
    for method, spelling, response in answers:
        assert response.status in (400, 403, 404), (method, spelling, response)
        assert user.email.encode() not in response.body, (method, spelling)


def test_a44_route_bypass_of_the_demo(demo):
    """The same against the demo, whose router, unlike ours, redirects slashes and serves files."""
    ada = demo.sign_in(demo.users["ada@example.test"]).token
    with demo.connect() as connection:
        for path in ("/dashboard", "/admin", "/settings", "/profile"):
            for spelling in spellings(path, demo.port):
                response = ask(demo, connection, "GET", spelling)
                assert response.status in (400, 401, 404), (spelling, response)
        for spelling in spellings("/admin", demo.port):
            response = ask(demo, connection, "GET", spelling, token=ada)
            assert response.status in (400, 403, 404), (spelling, response)
        for climb in ("/static/../../app.py", "/static/..%2f..%2fapp.py", "/static/%2e%2e/app.py"):
            assert ask(demo, connection, "GET", climb).status == 404
        for method in METHODS[1:]:
            response = ask(demo, connection, method, "/dashboard")
            assert response.status in (401, 404), (method, response)


def test_a44_preflight_is_no_way_in(target):
    """A CORS preflight passes the guard, and then finds nothing that answers it."""
    preflight = [("Origin", "https://evil.test"), ("Access-Control-Request-Method", "GET")]
    with target.both() as workers:
        for worker in workers:
            for path in ("/me", "/admin", "/sensitive"):
                response = worker.request("OPTIONS", path, preflight)
                assert response.status == 405
                for method in ("GET", "HEAD", "FROB"):
                    assert worker.request(method, path, preflight).status == 401 or method == "FROB"
                assert worker.request("FROB", path, preflight).status in (401, 403)


def test_a44_route_bypass_by_websocket(target, signed_in):
    """The same by way of a handshake: neither a socket nor a page opens to who lacks the role."""
    headers = [*HANDSHAKE, *target.own_page]
    for path in ("/admin/live", "/admin", "/me"):
        for spelling in spellings(path, target.port):
            for token in (None, signed_in.token):
                try:
                    response = target.request("GET", spelling, headers, token=token)
                except ConnectionError:
                    continue  # no request line at all
                assert response.status in (400, 401, 403, 404), (spelling, response)


def test_a44_headers_that_rename_the_route(target):
    """Fields by which some servers and frameworks let a client choose another path."""
    names = ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Script-Name", "X-Forwarded-Path"]
    with target.both() as workers:
        for worker in workers:
            for name in names:
                for value in ("/admin", "/assets/a.css", "/"):
                    assert worker.request("GET", "/admin", [(name, value)]).status == 401
                    assert worker.request("GET", "/", [(name, value)]).body.startswith(b"never looked")


def test_a45_session_puzzling_without_signing_in(target, user):
    """Attack: session puzzling: half-finished MFA or password-reset state used on a protected route.
    Expected: 401."""
    half_done = {
        "mfa_pending": user.user_id,
        "password_reset": {"user_id": user.user_id, "verified": True},
        "user_id": user.user_id,
        "_auth_user_id": user.user_id,
        "identity": {"user_id": user.user_id, "email": user.email, "name": "", "roles": ["admin"]},
        "role": "admin",
        "roles": ["admin"],
        "auth_time": 9_999_999_999,
    }
    visitor = target.request("POST", "/notes", json=half_done).token
    assert target.request("GET", "/notes", token=visitor).json() == half_done
    with target.both() as workers:
        for worker in workers:
            for path in ("/me", "/admin", "/sensitive", "/status", "/auth/sessions"):
                response = worker.request("GET", path, token=visitor)
                assert (response.status, response.code) == (401, "no_session"), path
    assert target.peek(visitor)["session"] is None


def test_a45_session_puzzling_across_a_sign_in(target, user):
    """Attack: anonymous keys pre-set (`role=admin`) then login.
    Expected: only allowlisted keys survive."""
    planted = {"role": "admin", "roles": ["admin"], "is_staff": True, "cart": [1], "locale": "de"}
    visitor = target.request("POST", "/notes", json=planted).token
    own = target.sign_in(user, token=visitor)
    with target.both() as workers:
        for worker in workers:
            assert worker.request("GET", "/notes", token=own.token).json() == {"locale": "de"}
            response = worker.request("GET", "/admin", token=own.token)
            assert (response.status, response.code) == (403, "role_required")
            assert worker.request("GET", "/notes", token=visitor).json() == {}
    assert target.peek(own.token)["session"]["user"]["roles"] == []


def test_a45_session_puzzling_with_another_users_session(target, user, signed_in):
    """What one user left in a session never reaches the next one who signs in with it."""
    planted = {"locale": "xx", "approved": True}
    kept = target.request("POST", "/notes", target.own_page, token=signed_in.token, json=planted)
    assert kept.status == 204
    other = target.new_user()
    switched = target.sign_in(other, token=signed_in.token, source=new_address())
    assert target.request("GET", "/notes", token=switched.token).json() == {}
    assert target.peek(switched.token)["session"]["user"]["email"] == other.email
    assert target.request("GET", "/me", [("Cookie", f"{COOKIE}={signed_in.token}")]).status == 401
