import json
from datetime import datetime

import pytest

from coatcheck import ConfigurationError, Identity, Lifetimes
from coatcheck.core.events import AccessDenied, SessionOver
from coatcheck.core.reason import Reason
from coatcheck.login import CHEAPEST, HashingBusy, Login, Passwords, SqliteAccounts
from coatcheck.testing import SeededEntropy
from coatcheck.web import CookiePolicy, HttpApi, RouteRules, SessionMiddleware, csrf
from coatcheck.web.api import ApiPolicy
from tests.web.support import FORM, HOST, OURS, PAGE, World, call, cookie, respond

EMAIL = "ada@example.test"
PASSWORD = "vexing gnomes pack quartz jugs"
OTHER = "five wizards jump very quickly"
AS_JSON = OURS | {"content-type": "application/json"}
AS_FORM = OURS | FORM | PAGE
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}


class Desk(World):
    """The API over a real login room, one user signed up."""

    async def open(self, path, **policy):
        accounts = SqliteAccounts(path)
        passwords = Passwords(CHEAPEST, entropy=SeededEntropy("salts"))
        self.login = Login(self.manager, accounts, passwords=passwords)
        self.accounts = accounts
        assert (await self.login.users.add(EMAIL, PASSWORD, name="Ada", roles=frozenset({"user"}))).ok
        self.api = SessionMiddleware(
            respond(),
            self.manager,
            api=HttpApi(self.login, ApiPolicy(**{"registration": True, **policy})),
            rules=RouteRules(),
        )
        return self

    async def post(self, path, content=None, headers=None, **more):
        body = b"" if content is None else json.dumps(content).encode()
        return await call(self.api, "POST", path, AS_JSON | (headers or {}), body, **more)

    async def submit(self, path, body, headers=None, **more):
        return await call(self.api, "POST", path, AS_FORM | (headers or {}), body.encode(), **more)

    async def get(self, path, text=None, headers=None):
        return await call(self.api, "GET", path, (cookie(text) if text else {}) | (headers or {}))

    async def delete(self, path, text):
        return await call(self.api, "DELETE", path, cookie(text) | OURS)

    async def enter(self, **more):
        response = await self.post("/auth/login", CREDENTIALS | more)
        assert response.status == 200, response.body
        return response.cookie()


@pytest.fixture
async def desk(tmp_path):
    desk = await Desk().open(tmp_path / "accounts.db", exposed=frozenset({"theme", "absent"}))
    yield desk
    await desk.accounts.close()


class TestLogin:
    async def test_json_gets_the_session_and_both_cookies(self, desk):
        response = await desk.post("/auth/login", CREDENTIALS)
        assert response.status == 200
        view = response.json["session"]
        user = (await desk.accounts.by_email(EMAIL)).user_id
        assert view["user"] == {"id": user, "email": EMAIL, "name": "Ada", "roles": ["user"]}
        assert (view["rev"], view["remember"], view["amr"], view["data"]) == (1, False, ["pwd"], {})
        assert (view["idle_expires_in"], view["warn_in"], view["expires_in"]) == (1800, 1680, 43200)
        assert (
            view["created_at"]
            == view["authenticated_at"]
            == view["last_seen_at"]
            == response.json["server_now"]
        )
        assert datetime.fromisoformat(view["created_at"]).timestamp() == desk.clock.now()
        session, device = response.cookie(), response.cookie("__Host-device")
        assert len(session) == 64
        assert len(device) == 43
        assert session.encode() not in response.body
        assert response["cache-control"] == "no-store"
        assert [line for line in response.all("set-cookie") if "Max-Age" in line] == [
            f"__Host-device={device}; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=34560000"
        ]
        peek = (await desk.get("/auth/session", session)).json
        assert peek["session"] == view

    async def test_a_known_device_gets_no_second_cookie(self, desk):
        device = (await desk.post("/auth/login", CREDENTIALS)).cookie("__Host-device")
        again = await desk.post("/auth/login", CREDENTIALS, {"cookie": f"__Host-device={device}"})
        assert again.status == 200
        assert again.cookie("__Host-device") is None

    async def test_remember_me_makes_a_persistent_cookie(self, desk):
        response = await desk.post("/auth/login", CREDENTIALS | {"remember": True})
        assert response.json["session"]["remember"] is True
        assert "__Host-session=" in response.all("set-cookie")[1]
        assert response.all("set-cookie")[1].endswith("; Max-Age=2592000")

    async def test_signing_in_again_replaces_the_session(self, desk):
        first = await desk.enter()
        second = await desk.post("/auth/login", CREDENTIALS, cookie(first))
        assert second.cookie() != first
        assert (await desk.get("/auth/session", first)).json["reason"] == "superseded"

    @pytest.mark.parametrize(
        ("rest", "location"),
        [
            ("&next=/dash?a=1", "/dash?a=1"),
            ("&next=//evil", "/"),
            ("", "/"),
            ("&remember=on&go=Sign+in", "/"),
        ],
    )
    async def test_a_form_is_led_on(self, desk, rest, location):
        response = await desk.submit(
            "/auth/login", f"email={EMAIL}&password={PASSWORD.replace(' ', '+')}{rest}"
        )
        assert (response.status, response["location"], response.body) == (303, location, b"")
        assert len(response.cookie()) == 64
        assert ("Max-Age=2592000" in str(response.raw)) is ("remember=on" in rest)

    async def test_every_cause_of_failure_is_the_same_401(self, desk):
        await desk.login.users.add("off@example.test", PASSWORD)
        await desk.login.users.disable((await desk.accounts.by_email("off@example.test")).user_id)
        answers = [
            await desk.post("/auth/login", {"email": email, "password": password})
            for email, password in [
                (EMAIL, OTHER),
                ("nobody@example.test", OTHER),
                ("off@example.test", PASSWORD),
            ]
        ]
        assert {answer.status for answer in answers} == {401}
        assert {answer.json["code"] for answer in answers} == {"invalid_credentials"}
        assert len({(answer.body, tuple(answer.raw)) for answer in answers}) == 1
        assert all(answer.cookie() is None for answer in answers)

    async def test_a_form_that_fails_goes_back_to_its_page_with_a_code(self, desk):
        body = f"email={EMAIL}&password=wrong-wrong-wrong&next=/dash"
        there = await desk.submit("/auth/login", body, {"referer": f"https://{HOST}/members/enter?error=old"})
        assert there["location"] == "/members/enter?next=%2Fdash&error=invalid_credentials"
        nowhere = await desk.submit("/auth/login", body, {"referer": "https://evil.test/login"})
        assert (nowhere.status, nowhere["location"]) == (303, "/login?next=%2Fdash&error=invalid_credentials")
        assert nowhere.cookie() is None

    async def test_too_many_attempts_are_429_with_a_time_to_wait(self, desk):
        for _ in range(30):
            response = await desk.post("/auth/login", {"email": EMAIL, "password": OTHER})
            if response.status == 429:
                break
        assert response.json["code"] == "too_many_attempts"
        assert int(response["retry-after"]) == response.json["retry_after"] > 0
        form = await desk.submit("/auth/login", f"email={EMAIL}&password=x")
        assert "&error=too_many_attempts&retry_after=" in form["location"]

    async def test_a_flood_of_hashing_is_503(self, desk, monkeypatch):
        async def busy(*_args, **_options):
            raise HashingBusy("full")

        monkeypatch.setattr(desk.login, "login", busy)
        response = await desk.post("/auth/login", CREDENTIALS)
        assert (response.status, response.json["code"]) == (503, "hashing_busy")
        assert response["retry-after"]

    @pytest.mark.parametrize(
        ("content_type", "body", "status", "code"),
        [
            ("application/json", b"{}", 422, "invalid_body"),
            ("application/json", b'{"email": "a", "password": 7}', 422, "invalid_body"),
            ("application/json", b'{"email": "a", "password": "b", "admin": true}', 422, "invalid_body"),
            ("application/json", b"[]", 422, "invalid_body"),
            ("application/json", b"{", 400, "malformed_body"),
            ("application/json", b"\xff", 400, "malformed_body"),
            ("application/json", b"[" * 60_000, 422, "invalid_body"),
            ("application/json", b'{"email":' + b"[" * 60_000, 422, "invalid_body"),
            ("application/json", b" " * 65_537, 413, "body_too_large"),
            ("text/plain", b'{"email": "a", "password": "b"}', 415, "unsupported_media_type"),
            ("multipart/form-data; boundary=x", b"--x--", 415, "unsupported_media_type"),
            ("", b'{"email": "a", "password": "b"}', 415, "unsupported_media_type"),
            ("application/x-www-form-urlencoded", b"email=a", 422, "invalid_body"),
            ("application/x-www-form-urlencoded", b"email=a&email=b&password=c", 400, "malformed_body"),
            ("application/x-www-form-urlencoded", b"email=%ff&password=c", 400, "malformed_body"),
            ("application/x-www-form-urlencoded", b"a=1&" * 40, 400, "malformed_body"),
            (
                "application/json",
                json.dumps({"email": EMAIL, "password": "x" * 1025}).encode(),
                400,
                "password_too_long",
            ),
        ],
    )
    async def test_a_body_that_is_not_what_it_should_be_is_refused(
        self, desk, content_type, body, status, code
    ):
        response = await call(desk.api, "POST", "/auth/login", OURS | {"content-type": content_type}, body)
        assert (response.status, response.json["code"]) == (status, code)

    async def test_another_site_cannot_sign_anybody_in(self, desk):
        response = await desk.post("/auth/login", CREDENTIALS, {"sec-fetch-site": "cross-site"})
        assert (response.status, response.json["code"], response.cookie()) == (403, "cross_origin", None)

    async def test_nobody_signs_in_over_plain_http(self, desk):
        response = await desk.post("/auth/login", CREDENTIALS, scheme="http")
        assert (response.status, response.json["code"]) == (403, "insecure_transport")
        assert await desk.manager.list((await desk.accounts.by_email(EMAIL)).user_id) == []

    async def test_in_development_the_cookies_have_no_prefix(self, desk):
        app = SessionMiddleware(
            respond(), desk.manager, api=HttpApi(desk.login), cookies=CookiePolicy.development()
        )
        body = json.dumps(CREDENTIALS).encode()
        response = await call(app, "POST", "/auth/login", AS_JSON, body, scheme="http", client=("::1", 1))
        assert [line.partition("=")[0] for line in response.all("set-cookie")] == [
            "coatcheck-device",
            "coatcheck-session",
        ]
        assert "Secure" not in str(response.raw)

    async def test_a_store_that_fails_leaves_nobody_half_signed_in(self, desk):
        desk.store.fail("create")
        response = await desk.post("/auth/login", CREDENTIALS)
        assert (response.status, response.json["code"], response.cookie()) == (503, "store_unavailable", None)


class TestRegister:
    async def test_a_new_account_is_signed_in(self, desk):
        response = await desk.post(
            "/auth/register", {"email": "bob@example.test", "password": PASSWORD, "name": "Bob"}
        )
        assert (response.status, response.json["session"]["user"]["name"]) == (200, "Bob")
        assert response.json["session"]["user"]["roles"] == []
        assert len(response.cookie()) == 64

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"email": EMAIL}, 409, "email_taken"),
            ({"email": "nonsense"}, 422, "email_invalid"),
            ({"password": "short"}, 422, "password_too_short"),
            ({"roles": ["admin"]}, 422, "invalid_body"),
        ],
    )
    async def test_what_cannot_be_an_account_is_refused(self, desk, change, status, code):
        wanted = {"email": "bob@example.test", "password": PASSWORD, "name": "Bob"} | change
        response = await desk.post("/auth/register", wanted)
        assert (response.status, response.json["code"], response.cookie()) == (status, code, None)


class TestLogout:
    async def test_everything_goes(self, desk):
        text = await desk.enter()
        response = await desk.post("/auth/logout", headers=cookie(text))
        assert (response.status, response.body, response["content-length"]) == (204, b"", None)
        assert response["set-cookie"] == "__Host-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
        assert response["clear-site-data"] == '"cache", "storage"'
        assert (await desk.get("/auth/session", text)).json["reason"] == "logged_out"

    async def test_it_is_safe_to_repeat(self, desk):
        text = await desk.enter()
        for headers in (cookie(text), cookie(text), {}):
            assert (await desk.post("/auth/logout", headers=headers)).status == 204
            assert (await desk.submit("/auth/logout", "", headers))["location"] == "/login?reason=logged_out"
        assert len(desk.seen.of(SessionOver)) == 1

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
    async def test_only_a_post_signs_out(self, desk, method):
        text = await desk.enter()
        response = await call(desk.api, method, "/auth/logout", cookie(text) | OURS)
        assert (response.status, response["allow"], response.cookie()) == (405, "POST", None)
        assert (await desk.get("/auth/session", text)).json["session"]

    async def test_another_site_signs_nobody_out(self, desk):
        text = await desk.enter()
        refused = await desk.post("/auth/logout", headers=cookie(text) | {"sec-fetch-site": "same-site"})
        assert refused.status == 403
        assert (await desk.get("/auth/session", text)).json["session"]

    async def test_a_superseded_token_does_not_delete_the_newer_cookie(self, desk):
        text = await desk.enter()
        await desk.post("/auth/reauthenticate", {"password": PASSWORD}, cookie(text))
        response = await desk.post("/auth/logout", headers=cookie(text))
        assert (response.status, response.json["code"], response.cookie()) == (401, "superseded", None)

    async def test_a_store_that_cannot_end_it_is_503_and_keeps_the_cookie(self, desk):
        text = await desk.enter()
        for verbs in (("end",), ()):
            desk.store.fail(*verbs)
            response = await desk.post("/auth/logout", headers=cookie(text))
            assert (response.status, response.cookie()) == (503, None)

    async def test_an_app_without_the_login_room_has_it_too(self):
        world = World()
        app = SessionMiddleware(respond(), world.manager, api=HttpApi())
        text = await world.sign_in()
        assert (await call(app, "POST", "/auth/logout", cookie(text) | OURS)).cookie() == ""
        assert (await call(app, "POST", "/auth/login", OURS)).status == 404


class TestPeek:
    async def test_nobody_is_told_why(self, desk):
        response = await desk.get("/auth/session")
        assert response.status == 200
        assert {k: v for k, v in response.json.items() if k != "server_now"} == {
            "session": None,
            "reason": "no_session",
        }
        assert (response["cache-control"], response["vary"], response.cookie()) == (
            "no-store",
            "Cookie",
            None,
        )

    async def test_it_shows_only_what_the_app_exposes(self, desk):
        text = await desk.enter()
        session = await desk.manager.open(text)
        session.update(theme="dark", secret="x")
        await desk.manager.close(session)
        content = (await desk.get("/auth/session", text)).json
        assert content["session"]["data"] == {"theme": "dark"}
        assert content["csrf_token"] == csrf.token(session.record)
        assert "reason" not in content

    async def test_it_is_never_activity_whoever_asks(self, desk):
        text = await desk.enter()
        for _ in range(20):
            desk.clock.advance(100)
            content = (await desk.get("/auth/session", text, PAGE)).json
        assert content["session"] is None
        assert content["reason"] == "idle_timeout"

    async def test_a_visitor_s_anonymous_session_has_a_token_but_no_view(self, desk):
        session = await desk.manager.open(None)
        session["cart"] = 1
        text = (await desk.manager.close(session)).text
        content = (await desk.get("/auth/session", text)).json
        assert content["session"] is None
        assert content["csrf_token"] == csrf.token(session.record)

    async def test_head_is_answered_like_get(self, desk):
        assert (await call(desk.api, "HEAD", "/auth/session")).status == 200


class TestTouch:
    async def touch(self, desk, text, content=None):
        return await desk.post("/auth/session/touch", content, cookie(text))

    @pytest.mark.parametrize(
        ("content", "left"), [(None, 1800), ({}, 1800), ({"idle_for": 100}, 1700), ({"idle_for": 9e9}, 1000)]
    )
    async def test_it_earns_what_real_input_earned(self, desk, content, left):
        text = await desk.enter()
        desk.clock.advance(800)
        response = await self.touch(desk, text, content)
        assert (response.status, response.json["session"]["idle_expires_in"]) == (200, left)
        assert (await desk.get("/auth/session", text)).json["session"] == response.json["session"]

    async def test_it_is_never_deferred(self, desk):
        text = await desk.enter()
        now = desk.clock.advance(3)
        await self.touch(desk, text)
        session = await desk.manager.open(text)
        assert session.record.last_seen_at == now

    @pytest.mark.parametrize("content", [{"idle_for": -1}, {"idle_for": "1"}, {"idle_for": True}])
    async def test_nonsense_earns_nothing(self, desk, content):
        text = await desk.enter()
        assert (await self.touch(desk, text, content)).status == 422

    async def test_it_revives_nothing(self, desk):
        text = await desk.enter()
        desk.clock.advance(Lifetimes().idle + 6)
        response = await self.touch(desk, text)
        assert (response.status, response.json["reason"]) == (401, "idle_timeout")


class TestReauthenticate:
    async def test_the_token_is_fresh_and_the_deadlines_too(self, desk):
        text = await desk.enter()
        desk.clock.advance(1000)
        response = await desk.post("/auth/reauthenticate", {"password": PASSWORD}, cookie(text))
        view = response.json["session"]
        assert (view["idle_expires_in"], view["expires_in"]) == (1800, 43200)
        assert response.cookie() not in (None, text)
        assert (await desk.get("/auth/session", response.cookie())).json["session"] == view
        assert (await desk.get("/auth/session", text)).json["reason"] == "superseded"

    async def test_a_wrong_password_changes_nothing(self, desk):
        text = await desk.enter()
        response = await desk.post("/auth/reauthenticate", {"password": OTHER}, cookie(text))
        assert (response.status, response.json["code"], response.cookie()) == (
            401,
            "invalid_credentials",
            None,
        )
        assert (await desk.post("/auth/reauthenticate", {}, cookie(text))).status == 422

    async def test_it_needs_somebody_signed_in(self, desk):
        response = await desk.post("/auth/reauthenticate", {"password": PASSWORD})
        assert (response.status, response.json["code"]) == (401, "no_session")
        form = await desk.submit("/auth/reauthenticate", "password=x", {"referer": f"https://{HOST}/vault"})
        assert form["location"] == "/login?next=%2Fvault&reason=no_session"


class TestPassword:
    async def test_a_new_password_ends_the_other_sessions(self, desk):
        other, text = await desk.enter(), await desk.enter()
        wanted = {"current_password": PASSWORD, "new_password": OTHER}
        response = await desk.post("/auth/password", wanted, cookie(text))
        assert response.status == 200
        assert (await desk.get("/auth/session", other)).json["reason"] == "revoked"
        assert (await desk.get("/auth/session", response.cookie())).json["session"]
        assert (await desk.post("/auth/login", CREDENTIALS)).status == 401

    async def test_a_form_is_led_back_with_a_code(self, desk):
        text = await desk.enter()
        headers = cookie(text) | {"referer": f"https://{HOST}/profile"}
        response = await desk.submit("/auth/password", "current_password=x&new_password=y", headers)
        assert response["location"] == "/profile?next=%2F&error=password_too_short"
        assert (await desk.post("/auth/password", {}, cookie(text))).status == 422


class TestSessions:
    async def test_a_list_of_one_s_own_without_credentials(self, desk):
        other, text = await desk.enter(), await desk.enter()
        response = await desk.get("/auth/sessions", text)
        items = response.json["sessions"]
        current = (await desk.manager.open(text)).id
        assert {item["id"]: item["current"] for item in items} == {
            current: True,
            (await desk.manager.open(other)).id: False,
        }
        assert set(items[0]) == {"id", "current", "created_at", "last_seen_at", "expires_at", "device"}
        assert items[0]["device"] == {"label": "Unknown device", "ip": "192.0.2.1"}
        assert text.encode() not in response.body

    async def test_one_other_is_ended(self, desk):
        other, text = await desk.enter(), await desk.enter()
        response = await desk.delete(f"/auth/sessions/{(await desk.manager.open(other)).id}", text)
        assert (response.status, response.cookie()) == (204, None)
        assert (await desk.get("/auth/session", other)).json["reason"] == "revoked"
        assert (await desk.get("/auth/session", text)).json["session"]

    async def test_the_present_one_is_signed_out_without_a_password(self, desk):
        text = await desk.enter()
        desk.clock.advance(400)
        response = await desk.delete(f"/auth/sessions/{(await desk.manager.open(text)).id}", text)
        assert (response.status, response.cookie()) == (204, "")
        assert (await desk.get("/auth/session", text)).json["reason"] == "logged_out"

    async def test_another_user_s_and_nobody_s_are_equally_unknown(self, desk):
        text = await desk.enter()
        theirs = await desk.sign_in(Identity(user_id="somebody else"))
        for id in ((await desk.manager.open(theirs)).id, "0" * 32, "x", "%20"):
            response = await desk.delete(f"/auth/sessions/{id}", text)
            assert (response.status, response.json["code"]) == (404, "unknown_session")
        assert (await desk.manager.open(theirs)).identity

    async def test_ending_others_needs_a_recent_password(self, desk):
        other, text = await desk.enter(), await desk.enter()
        desk.clock.advance(301)
        for path in (f"/auth/sessions/{(await desk.manager.open(other)).id}", "/auth/sessions"):
            response = await desk.delete(path, text)
            assert (response.status, response.json["code"]) == (403, "reauthentication_required")
        assert [event.reason for event in desk.seen.of(AccessDenied)] == [
            Reason.REAUTHENTICATION_REQUIRED
        ] * 2
        assert (await desk.get("/auth/session", other)).json["session"]

    async def test_all_others_are_ended(self, desk):
        others, text = [await desk.enter(), await desk.enter()], await desk.enter()
        response = await desk.delete("/auth/sessions", text)
        assert (response.status, response.json) == (200, {"revoked": 2})
        assert [(await desk.get("/auth/session", other)).json["session"] for other in others] == [None, None]
        assert (await desk.get("/auth/session", text)).json["session"]

    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    async def test_a_visitor_has_none(self, desk, method):
        response = await call(desk.api, method, "/auth/sessions", OURS | PAGE)
        assert (response.status, response.json["code"]) == (401, "no_session")


@pytest.mark.parametrize(
    "path", ["/auth", "/auth/", "/auth/nothing", "/auth/sessions/", "/auth/sessions/x/y", "/auth/login/x"]
)
async def test_an_unknown_address_is_404(desk, path):
    response = await call(desk.api, "GET", path, PAGE)
    assert (response.status, response.json["code"]) == (404, "not_found")


async def test_the_prefix_is_whole_segments_and_configurable():
    world = World()
    app = SessionMiddleware(respond(), world.manager, api=HttpApi(policy=ApiPolicy(prefix="/api/v1/auth")))
    assert (await call(app, "GET", "/api/v1/auth/session")).status == 200
    assert (await call(app, "GET", "/api/v1/authx/session")).status == 401  # the app's, and protected
    for prefix in ("/", "auth", "/auth/", "//auth"):
        with pytest.raises(ConfigurationError):
            ApiPolicy(prefix=prefix)


def test_a_body_s_repr_shows_no_password():
    from coatcheck.web.api.bodies import LoginBody

    assert PASSWORD not in repr(LoginBody(email=EMAIL, password=PASSWORD))


async def test_nobody_makes_an_account_for_themselves_unless_the_app_says_so(tmp_path):
    desk = await Desk().open(tmp_path / "accounts.db", registration=False)
    wanted = {"email": "bob@example.test", "password": PASSWORD}
    assert (await desk.post("/auth/register", wanted)).status == 404
    assert (await desk.post("/auth/login", wanted)).status == 401
    assert not ApiPolicy().registration
