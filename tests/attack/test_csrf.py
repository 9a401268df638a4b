"""Cross-site request forgery: A34 to A41, and the tab that outlives its user, A70."""

import re

import pytest

from tests.attack.servers import new_address
from tests.attack.target import FRIEND

pytestmark = pytest.mark.attack

UNSAFE = [
    ("POST", "/notes"),
    ("PUT", "/notes"),
    ("POST", "/nowhere"),
    ("POST", "/auth/logout"),
    ("POST", "/auth/login"),
    ("POST", "/auth/register"),
    ("POST", "/auth/session/touch"),
    ("POST", "/auth/reauthenticate"),
    ("POST", "/auth/password"),
    ("DELETE", "/auth/sessions"),
    ("DELETE", "/auth/sessions/{id}"),
]
"""Everything here that changes something, and some that would if it existed."""

OVERRIDES = [
    ("X-HTTP-Method-Override", "POST"),
    ("X-HTTP-Method", "POST"),
    ("X-Method-Override", "POST"),
]


def assert_powerless(target, signed_in, *forged, **content):
    """Send forged requests with the victim's cookie, to both workers; nothing comes of them."""
    before = target.database.session(signed_in.id)
    with target.both(new_address()) as workers:  # of each address, a second's first is told
        for headers in forged:
            for method, path in UNSAFE:
                for worker in workers:
                    response = worker.request(
                        method, path.format(id=signed_in.id), headers, token=signed_in.token, **content
                    )
                    assert response.status == 403, (headers, method, path, response)
                    assert b"cross_origin" in response.body
                    assert "set-cookie" not in dict(response.headers)
    assert target.database.session(signed_in.id) == before


def refusals(target, signed_in):
    """Return what the observers were told about forged requests in this session."""
    return [event for event in target.events("csrf.refused") if event["session_id"] == signed_in.id]


def csrf_token(target, token):
    """Return the anti-forgery token of a session."""
    return target.peek(token)["csrf_token"]


def test_a34_form_post_from_another_site(target, signed_in):
    """Attack: CSRF form POST, `Sec-Fetch-Site: cross-site`. Expected: 403, `malicious_csrf`."""
    form = [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "document"),
        ("Accept", "text/html"),
        ("Origin", "https://evil.test"),
    ]
    own_origin_claimed = [("Sec-Fetch-Site", "cross-site"), *target.own_page]
    silent = [("Sec-Fetch-Site", "cross-site")]
    assert_powerless(target, signed_in, form, own_origin_claimed, silent, form={"note": "evil"})
    told = refusals(target, signed_in)
    assert 2 <= len(told) <= sum(event["count"] for event in told) <= 3 * 2 * len(UNSAFE)
    assert {event["path"] for event in told} <= {path.format(id=signed_in.id) for _, path in UNSAFE}


def test_a35_form_post_from_a_sibling_subdomain(target, signed_in):
    """Attack: CSRF from sibling subdomain (`same-site`). Expected: 403 unless that origin is trusted."""
    sibling = [("Sec-Fetch-Site", "same-site"), ("Origin", f"https://evil.localhost:{target.port}")]
    other_port = [("Sec-Fetch-Site", "same-site"), ("Origin", f"https://localhost:{target.port + 1}")]
    silent = [("Sec-Fetch-Site", "same-site")]
    friends_sibling = [("Sec-Fetch-Site", "same-site"), ("Origin", FRIEND.replace("//", "//evil."))]
    assert_powerless(target, signed_in, sibling, other_port, silent, friends_sibling, form={"note": "evil"})
    friend = [("Sec-Fetch-Site", "same-site"), ("Origin", FRIEND)]
    response = target.request("POST", "/notes", friend, token=signed_in.token, json={"note": "kind"})
    assert response.status == 204


def test_a36_origins_of_old_browsers(target, signed_in):
    """Attack: old browser: no SFS, Origin evil / `null` / lookalike `app.test.evil` / port or scheme
    differs. Expected: 403."""
    own = f"localhost:{target.port}"
    foreign = [
        "https://evil.test",
        "null",
        "",
        f"https://localhost.evil.test:{target.port}",
        f"https://evil-localhost:{target.port}",
        f"https://evil.localhost:{target.port}",
        f"https://{own}.evil.test",
        f"https://{own}@evil.test",
        f"https://evil.test#{own}",
        f"https://evil.test/{own}",
        f"https://evil.test, https://{own}",
        f"https://{own} https://evil.test",
        f"https://localhost:{target.port + 1}",
        f"https://localhost:{target.port}0",
        "https://localhost",
        f"http://{own}",
        f"ws://{own}",
        f"file://{own}",
        f"https://{own}/",
        f"https:/{own}",
        own,
    ]
    unknown_site = [("Sec-Fetch-Site", "same-planet"), ("Origin", "https://evil.test")]
    twice = [("Origin", f"https://{own}"), ("Origin", "https://evil.test")]
    forged = [[("Origin", origin)] for origin in foreign]
    assert_powerless(target, signed_in, unknown_site, twice, *forged, form={"note": "evil"})
    response = target.request("POST", "/notes", target.own_page, token=signed_in.token, json={"note": "own"})
    assert response.status == 204


def test_a37_no_header_and_no_token(target, signed_in):
    """Attack: neither header, cookie present, no token. Expected: 403."""
    bare = []
    empty = [("X-CSRF-Token", "")]
    guessed = [("X-CSRF-Token", "A" * 43)]
    assert_powerless(target, signed_in, bare, empty, guessed, form={"note": "evil"})
    assert_powerless(target, signed_in, bare, form={"csrf_token": "", "note": "evil"})
    rightful = [("X-CSRF-Token", csrf_token(target, signed_in.token))]
    response = target.request("POST", "/notes", rightful, token=signed_in.token, json={"note": "own"})
    assert response.status == 204


def test_a38_method_override(target, signed_in):
    """Attack: method override (`_method`, `X-HTTP-Method-Override`), HEAD/GET to unsafe route.
    Expected: no state change."""
    before = target.database.session(signed_in.id)
    with target.both() as workers:
        for worker in workers:
            for path in ("/auth/logout", "/auth/password", "/auth/session/touch"):
                for method in ("GET", "HEAD"):
                    for headers in ([], *([override] for override in OVERRIDES)):
                        asked = f"{path}?_method=POST&method=DELETE"
                        response = worker.request(method, asked, headers, token=signed_in.token)
                        assert (response.status, response.header("allow")) == (405, "POST"), (method, path)
            hidden = [("Sec-Fetch-Site", "cross-site"), ("X-HTTP-Method-Override", "GET")]
            for asked in ("/auth/logout", "/auth/logout?_method=GET"):
                response = worker.request(
                    "POST", asked, hidden, token=signed_in.token, form={"_method": "GET"}
                )
                assert response.status == 403
            listed = worker.request("GET", "/auth/sessions?_method=DELETE", OVERRIDES, token=signed_in.token)
            assert [entry["id"] for entry in listed.json()["sessions"]] == [signed_in.id]
    assert target.database.session(signed_in.id) == before


def test_a39_json_as_something_a_form_can_send(target, user, signed_in):
    """Attack: JSON body as `text/plain`, multipart, missing type. Expected: 415/403."""
    body = f'{{"email": "{user.email}", "password": "{user.password}"}}'.encode()
    kinds = [
        [("Content-Type", "text/plain")],
        [("Content-Type", "text/plain; application/json")],
        [("Content-Type", "multipart/form-data; boundary=x")],
        [("Content-Type", "application/jsonx")],
        [("Content-Type", "application/x-www-form-urlencodedx")],
        [],
    ]
    for kind in kinds:
        ours = target.request("POST", "/auth/login", [*kind, *target.own_page], body=body)
        assert (ours.status, ours.code, ours.cookies()) == (415, "unsupported_media_type", {}), kind
    theirs = [[*kind, ("Sec-Fetch-Site", "cross-site")] for kind in kinds]
    assert_powerless(target, signed_in, *theirs, body=body)


def test_a40_naive_double_submit(target, signed_in):
    """Attack: naive double-submit: attacker sets CSRF cookie and matching field. Expected: 403."""
    attacker = target.sign_in(target.new_user())
    chosen = csrf_token(target, attacker.token)
    for forgery in ("A" * 43, chosen):
        planted = [("Cookie", f"csrf_token={forgery}; __Host-csrf={forgery}; X-CSRF-Token={forgery}")]
        assert_powerless(target, signed_in, planted, form={"csrf_token": forgery})
        assert_powerless(target, signed_in, [*planted, ("X-CSRF-Token", forgery)], form={})
        # Not even where the headers are in order.
        assert_powerless(target, signed_in, [*planted, *target.own_page], form={"csrf_token": forgery})
    both = f"csrf_token={csrf_token(target, signed_in.token)}&csrf_token={chosen}".encode()
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    assert_powerless(target, signed_in, [kind], body=both)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a41_signing_the_victim_in_or_out(target, user, signed_in, site):
    """Attack: login CSRF (log victim into attacker's account) and logout CSRF via `<img>`.
    Expected: 403 / 405."""
    attacker = target.new_user()
    forged = [("Sec-Fetch-Site", site), ("Origin", "https://evil.test")]
    credentials = {"email": attacker.email, "password": attacker.password}
    for headers in (forged, forged[1:], [("Origin", "null")]):
        for token in (None, signed_in.token):
            response = target.request("POST", "/auth/login", headers, token=token, form=credentials)
            assert (response.status, response.cookies()) == (403, {})
            register = {"email": "planted@evil.test", "password": "a perfectly fine passphrase"}
            response = target.request("POST", "/auth/register", headers, token=token, form=register)
            assert (response.status, response.cookies()) == (403, {})
    image = [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")]
    response = target.request("GET", "/auth/logout", image, token=signed_in.token)
    assert (response.status, response.cookies()) == (405, {})
    assert target.peek(signed_in.token)["session"]["user"]["email"] == user.email
    assert target.database.alive(attacker.user_id) == []


def test_a70_open_tab_of_another_user(demo):
    """Attack: open-tab user switch: A logs out, B logs in, A's tab submits its form.
    Expected: 403 (token of another session), no action as B."""
    ada = demo.sign_in(demo.users["ada@example.test"])
    page = demo.request("GET", "/dashboard", token=ada.token).body.decode()
    left_behind = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    assert demo.request("POST", "/auth/logout", demo.own_page, token=ada.token).status == 204
    grace = demo.sign_in(demo.users["grace@example.test"], source=new_address())
    for thing, sent_by_browser in (("old umbrella", demo.own_page), ("old hat", [])):
        form = {"csrf_token": left_behind, "thing": thing}
        response = demo.request(
            "POST",
            "/dashboard/pockets",
            [*sent_by_browser, ("Sec-Fetch-Site", "same-origin")],
            token=grace.token,
            form=form,
        )
        assert response.status == 403
        assert b"old" not in demo.request("GET", "/dashboard", token=grace.token).body
    for path in ("/auth/logout", "/settings/sessions/revoke-others", "/profile/name"):
        form = {"csrf_token": left_behind, "name": "Ada"}
        response = demo.request("POST", path, demo.own_page, token=grace.token, form=form)
        assert response.status == 403, path
    parts = {"csrf_token": left_behind, "name": "Ada"}.items()
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts
    )
    multipart = [*demo.own_page, ("Content-Type", "multipart/form-data; boundary=x")]
    response = demo.request(
        "POST", "/profile/name", multipart, token=grace.token, body=f"{body}--x--\r\n".encode()
    )
    assert response.status == 403
    assert demo.peek(grace.token)["session"]["user"]["name"] == "Grace Hopper"
