import asyncio
import json
import logging

import pytest

from coatcheck import Lifetimes, Reason
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.events import AccessDenied, CookieDuplicate, CrossOriginRefused, TokenMalformed
from coatcheck.core.support import support_code
from coatcheck.core.token import parse
from coatcheck.testing import CountingStore
from coatcheck.web import (
    CookiePolicy,
    HttpApi,
    OriginPolicy,
    RouteRules,
    SessionMiddleware,
    csrf,
    guests_only,
    protected,
    public,
)
from tests.web.support import ADA, FORM, HOST, OURS, PAGE, World, call, cookie, respond

RULES = RouteRules(
    [
        public("/", exact=True),
        public("/public"),
        public("/poll", passive=True),
        protected("/admin", roles={"admin"}),
        protected("/vault", recent=300),
        protected("/api", answer="api"),
        protected("/page", answer="page"),
        guests_only("/register"),
    ]
)
SESSION_HEADERS = ("set-cookie", "vary", "cache-control")


@pytest.fixture
def world():
    return World()


def visit(session):
    session["visits"] = session.get("visits", 0) + 1
    return session["visits"]


def who(session):
    return session.identity.name if session.identity else session.reason


async def test_a_visitor_without_a_cookie_costs_and_changes_nothing(world):
    counting = CountingStore(world.store)
    world.manager._context.store = counting
    response = await call(world.app(respond(), RULES), "GET", "/public")
    assert response.status == 200
    assert counting.counts.total() == 0
    assert all(response[name] is None for name in SESSION_HEADERS)
    assert response["x-content-type-options"] == "nosniff"


async def test_data_a_visitor_leaves_is_found_again(world):
    app = world.app(respond(handler=visit), RULES)
    first = await call(app, "GET", "/public")
    assert first["cache-control"] == "no-store"
    assert first["vary"] == "Cookie"
    second = await call(app, "GET", "/public", cookie(first.cookie()))
    assert (first.body, second.body) == (b"1", b"2")
    assert second.cookie() is None


async def test_looking_keeps_a_response_out_of_caches_and_not_looking_leaves_it_alone(world):
    headers = [(b"Cache-Control", b"public, max-age=60"), (b"Vary", b"Accept")]
    text = await world.sign_in()
    looked = await call(
        world.app(respond(headers=headers, handler=who), RULES), "GET", "/public", cookie(text)
    )
    assert (looked.body, looked["cache-control"], looked["vary"]) == (b"Ada", "no-store", "Accept, Cookie")
    untouched = await call(world.app(respond(headers=headers), RULES), "GET", "/public", cookie(text))
    assert (untouched["cache-control"], untouched["vary"]) == ("public, max-age=60", "Accept")


async def test_a_rotation_is_offered_but_never_on_a_cacheable_response(world):
    text = await world.sign_in()
    world.clock.advance(16 * 60)
    shared = [(b"cache-control", b"public")]
    assert (
        await call(world.app(respond(headers=shared), RULES), "GET", "/public", cookie(text))
    ).cookie() is None
    offered = await call(world.app(respond(), RULES), "GET", "/public", cookie(text))
    assert offered.cookie() not in (None, text)
    assert (offered["cache-control"], offered["vary"]) == ("no-store", "Cookie")


@pytest.mark.parametrize("twice", [lambda a, b: f"{a}; {b}", lambda a, b: f"{b}; {a}"])
async def test_two_session_cookies_are_none_and_an_event(world, twice):
    text = await world.sign_in()
    header = twice(f"__Host-session={text}", f"__Host-session={'A' * 64}")
    response = await call(world.app(respond(handler=who), RULES), "GET", "/public", {"cookie": header})
    assert response.body == b"no_session"
    assert response.cookie() is None
    (told,) = world.seen.of(CookieDuplicate)
    assert (told.device.ip, told.session_id) == ("192.0.2.1", None)


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        (CookieDuplicate, {"cookie": "__Host-session=a; __Host-session=b", "origin": "https://app.test"}),
        (CrossOriginRefused, {"origin": "https://evil.test"}),
    ],
)
async def test_what_strangers_cause_is_told_once_a_second_and_address_with_its_count(world, kind, headers):
    app = world.app(respond(), RULES)
    for _ in range(50):
        await call(app, "POST", "/public", headers)
    await call(app, "POST", "/public", headers, client=("192.0.2.2", 5))
    world.clock.advance(1)
    await call(app, "POST", "/public", headers)
    told = [(event.device.ip, event.count) for event in world.seen.of(kind)]
    assert told == [("192.0.2.1", 1), ("192.0.2.2", 1), ("192.0.2.1", 50)]


async def test_a_malformed_cookie_is_a_stranger_s_and_an_event_without_a_store_call(world):
    world.store.fail()
    app = world.app(respond(handler=who), RULES)
    response = await call(app, "GET", "/public", {"cookie": "__Host-session=../../etc"})
    assert (response.status, response.body) == (200, b"unknown_token")
    assert len(world.seen.of(TokenMalformed)) == 1


@pytest.mark.parametrize(
    ("headers", "status", "location"),
    [
        (PAGE, 303, "/login?next=%2Fdashboard%3Fa%3D1%26b%3D2&reason=no_session"),
        ({"accept": "text/html"}, 303, "/login?next=%2Fdashboard%3Fa%3D1%26b%3D2&reason=no_session"),
        ({"sec-fetch-mode": "cors", "accept": "text/html"}, 401, None),
        ({"accept": "application/json"}, 401, None),
        ({}, 401, None),
    ],
)
async def test_a_page_s_visitor_is_led_to_the_login_and_a_program_hears_why(world, headers, status, location):
    response = await call(world.app(respond(), RULES), "GET", "/dashboard?a=1&b=2", headers)
    assert (response.status, response["location"]) == (status, location)
    assert (response["cache-control"], response["vary"]) == ("no-store", "Cookie")
    if status == 401:
        assert response["content-type"] == "application/problem+json"
        assert response.json["code"] == response.json["reason"] == "no_session"


@pytest.mark.parametrize(("path", "status"), [("/api", 401), ("/page", 303)])
async def test_a_rule_says_what_its_routes_answer(world, path, status):
    for headers in (PAGE, {}):
        assert (await call(world.app(respond(), RULES), "GET", path, headers)).status == status


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (f"https://{HOST}/notes?id=7", "%2Fnotes%3Fid%3D7"),
        ("https://evil.test/notes", "%2F"),
        (f"http://{HOST}/notes", "%2F"),
        (f"https://{HOST}@evil.test/x", "%2F"),
        ("nonsense", "%2F"),
        ("", "%2F"),
    ],
)
async def test_a_refused_unsafe_method_is_never_repeated_after_sign_in(world, referer, back):
    headers = PAGE | OURS | {"referer": referer}
    response = await call(world.app(respond(), RULES), "POST", "/delete", headers)
    assert response["location"] == f"/login?next={back}&reason=no_session"
    assert response["vary"] == "Cookie, Origin, Sec-Fetch-Site"


async def test_the_reason_of_an_expired_session_is_told_and_its_cookie_is_left_alone(world):
    text = await world.sign_in()
    world.clock.advance(Lifetimes().idle + 6)
    app = world.app(respond(), RULES)
    page = await call(app, "GET", "/dashboard", cookie(text) | PAGE)
    code = support_code(parse(text).id)
    assert page["location"].endswith(f"&reason=idle_timeout&support_code={code}")
    program = await call(app, "GET", "/dashboard", cookie(text))
    assert (program.status, program.json["code"]) == (401, "idle_timeout")
    assert program.json["support_code"] == code
    assert page.cookie() is program.cookie() is None


async def test_a_role_that_is_missing_is_403_and_an_event(world):
    text = await world.sign_in()
    app = world.app(respond(), RULES)
    program = await call(app, "GET", "/admin/x", cookie(text))
    assert (program.status, program.json["code"]) == (403, "role_required")
    assert program.json["support_code"] == support_code(parse(text).id)
    page = await call(app, "GET", "/admin/x", cookie(text) | PAGE)
    assert program.json["support_code"] in page.body.decode()
    assert (page.status, page["content-type"]) == (403, "text/html; charset=utf-8")
    denied = world.seen.of(AccessDenied)
    assert [(e.reason, e.path, e.user_id) for e in denied] == [(Reason.ROLE_REQUIRED, "/admin/x", "u1")] * 2


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (["0af7651916cd43dd-1.A_b"], "0af7651916cd43dd-1.A_b"),
        (["a" * 64], "a" * 64),
        (["a" * 65], ""),
        ([""], ""),
        (["two words"], ""),
        (["line\n"], ""),
        (["\u00e9"], ""),
        (["one", "two"], ""),
        ([], ""),
    ],
)
@pytest.mark.parametrize("signed_in", [True, False])
async def test_events_of_a_request_name_it_by_what_can_do_no_harm_in_a_log(world, sent, told, signed_in):
    presented = await world.sign_in() if signed_in else "A" * 63
    fields = [*cookie(presented).items(), *(("x-request-id", id) for id in sent)]
    await call(world.app(respond(), RULES), "GET", "/admin/x", fields)
    (event,) = world.seen.of(AccessDenied if signed_in else TokenMalformed)
    assert event.request_id == told


async def test_an_event_s_path_is_bounded_and_printable(world):
    text = await world.sign_in()
    await call(world.app(respond(), RULES), "GET", "/admin/" + "%E2%80%A8" * 300, cookie(text))
    path = world.seen.of(AccessDenied)[0].path
    assert len(path) == 256
    assert path.isprintable()


@pytest.mark.parametrize(
    ("path", "location"),
    [(None, None), ("/confirm", "/confirm?next=%2Fvault&reason=reauthentication_required")],
)
async def test_a_vault_wants_a_recent_authentication(world, path, location):
    text = await world.sign_in()
    rules = RouteRules([protected("/vault", recent=300)], reauthenticate_path=path)
    app = world.app(respond(), rules)
    assert (await call(app, "GET", "/vault", cookie(text))).status == 200
    world.clock.advance(301)
    program = await call(app, "GET", "/vault", cookie(text))
    assert (program.status, program.json["code"]) == (403, "reauthentication_required")
    page = await call(app, "GET", "/vault", cookie(text) | PAGE)
    assert (page.status, page["location"]) == (303 if path else 403, location)


@pytest.mark.parametrize(
    ("query", "location"), [("", "/"), ("?next=/a%3Fb=1", "/a?b=1"), ("?next=//evil", "/")]
)
async def test_a_signed_in_user_is_sent_on_from_a_page_for_guests(world, query, location):
    text = await world.sign_in()
    app = world.app(respond(), RULES)
    for path in ("/login", "/register"):
        response = await call(app, "GET", path + query, cookie(text) | PAGE)
        assert (response.status, response["location"]) == (303, location)
        assert (await call(app, "GET", path + query, PAGE)).status == 200


async def test_a_mounted_app_sends_browsers_below_its_mount_point(world):
    text = await world.sign_in()
    app = world.app(respond(), RULES, api=HttpApi())
    below = {"root_path": "/s hop"}
    page = await call(app, "GET", "/s%20hop/dashboard", PAGE, **below)
    assert page["location"] == "/s%20hop/login?next=%2Fs%2520hop%2Fdashboard&reason=no_session"
    home = await call(app, "GET", "/s%20hop/login", cookie(text) | PAGE, **below)
    assert home["location"] == "/s%20hop/"
    assert (await call(app, "GET", "/s%20hop/public", **below)).status == 200
    out = await call(app, "POST", "/s%20hop/auth/logout", cookie(text) | OURS | FORM, **below)
    assert out["location"] == "/s%20hop/login?reason=logged_out"


async def test_a_query_of_many_fields_is_no_fault(world):
    text = await world.sign_in()
    target = "/login?" + "a=1&" * 500 + "next=/x"
    assert (await call(world.app(respond(), RULES), "GET", target, cookie(text)))["location"] == "/x"


@pytest.mark.parametrize(
    "path", ["//public", "/public/../x", "/public;x", "/public%2fx", "/auth//login", "/a\\b"]
)
@pytest.mark.parametrize("headers", [{}, PAGE])
async def test_odd_paths_are_not_found_before_anything_is_matched(world, path, headers):
    world.store.fail()
    app = world.app(respond(), RULES, api=HttpApi())
    response = await call(app, "GET", path, cookie(await World().sign_in()) | headers)
    assert response.status == 404


async def test_a_preflight_passes_and_an_ordinary_options_does_not(world):
    app = world.app(respond(), RULES)
    preflight = {"origin": "https://x.test", "access-control-request-method": "PUT"}
    assert (await call(app, "OPTIONS", "/admin", preflight)).status == 200
    assert (await call(app, "OPTIONS", "/admin")).status == 401


@pytest.mark.parametrize("method", ["HEAD", "TRACE", "BREW", "get"])
async def test_every_method_is_guarded(world, method):
    assert (await call(world.app(respond(), RULES), method, "/dashboard", OURS)).status == 401


class TestCsrf:
    async def test_another_site_s_request_is_refused_and_is_no_activity(self, world):
        text = await world.sign_in()
        app = world.app(respond(handler=visit), RULES)
        before = (await world.manager.list("u1"))[0]
        world.clock.advance(120)
        response = await call(app, "POST", "/public", cookie(text) | {"sec-fetch-site": "cross-site"})
        assert (response.status, response.json["code"]) == (403, "cross_origin")
        assert world.seen.of(CrossOriginRefused)[0].session_id == before.id
        await world.manager._context.backlog.write_all()
        assert await world.manager.list("u1") == [before]

    async def test_a_form_s_token_decides_where_headers_are_silent_and_the_app_still_gets_the_body(
        self, world
    ):
        text = await world.sign_in()
        record = (await world.manager.list("u1"))[0]

        async def echo(scope, receive, send):
            body = b""
            while (message := await receive())["type"] == "http.request":
                body += message["body"]
                if not message["more_body"]:
                    break
            await respond(handler=lambda _: body.decode())(scope, receive, send)

        app = world.app(echo, RULES)
        form = [b"a=1&csrf_", b"token=" + csrf.token(record).encode()]
        response = await call(app, "POST", "/x", cookie(text) | FORM, form)
        assert (response.status, response.body) == (200, b"".join(form))
        assert (await call(app, "POST", "/x", cookie(text) | FORM, b"a=1")).status == 403
        assert (await call(app, "POST", "/x", cookie(text), b"{}")).status == 403
        header = {"x-csrf-token": csrf.token(record)}
        assert (await call(app, "POST", "/x", cookie(text) | header, b"{}")).status == 200
        assert (await call(app, "POST", "/public", {}, b"{}")).status == 200

    async def test_a_form_of_another_session_is_refused_whatever_the_headers_say(self, world):
        text = await world.sign_in()
        app = world.app(respond(), RULES)
        stale = b"csrf_token=" + b"A" * 43
        assert (await call(app, "POST", "/x", cookie(text) | FORM | OURS, stale)).status == 403
        assert (await call(app, "POST", "/x", cookie(text) | OURS | {"x-csrf-token": "A"})).status == 403
        assert (await call(app, "POST", "/public", FORM | OURS, stale)).status == 200

    async def test_a_trusted_partner_may_post(self, world):
        text = await world.sign_in()
        partner = OriginPolicy(trusted=frozenset({"https://partner.test"}))
        headers = cookie(text) | {"sec-fetch-site": "cross-site", "origin": "https://partner.test"}
        assert (await call(world.app(respond(), RULES, origins=partner), "POST", "/x", headers)).status == 200
        assert (await call(world.app(respond(), RULES), "POST", "/x", headers)).status == 403


class TestActivity:
    @pytest.mark.parametrize(
        ("path", "headers", "seen"),
        [
            ("/x", PAGE, True),
            ("/x", {}, False),
            ("/poll", PAGE, False),
            ("/x", PAGE | {"purpose": "prefetch"}, False),
        ],
    )
    async def test_only_a_person_moves_the_idle_deadline(self, world, path, headers, seen):
        text = await world.sign_in()
        now = world.clock.advance(120)
        assert (await call(world.app(respond(), RULES), "GET", path, cookie(text) | headers)).status == 200
        await world.manager._context.backlog.write_all()
        assert ((await world.manager.list("u1"))[0].last_seen_at == now) is seen


class TestStoreDown:
    async def test_a_public_page_that_does_not_look_is_served(self, world):
        text = await world.sign_in()
        world.store.fail()
        response = await call(world.app(respond(), RULES), "GET", "/public", cookie(text))
        assert (response.status, response.cookie()) == (200, None)

    @pytest.mark.parametrize(
        "look",
        [
            visit,
            who,
            lambda s: s.user_id,
            lambda s: s.id,
            lambda s: s.reason,
            lambda s: "x" in s,
            lambda s: s.clear(),
            lambda s: s.increment("n"),
            dict,
            list,
            len,
        ],
    )
    async def test_whoever_looks_gets_503_and_keeps_the_cookie(self, world, look):
        text = await world.sign_in()
        world.store.fail()
        response = await call(world.app(respond(handler=look), RULES), "GET", "/public", cookie(text))
        assert (response.status, response["retry-after"], response.cookie()) == (503, "2", None)
        assert response.json["code"] == "store_unavailable"
        assert response["cache-control"] == "no-store"

    async def test_the_unread_session_can_be_shown_in_a_log(self, world):
        text = await world.sign_in()
        world.store.fail()
        app = world.app(respond(handler=repr), RULES)
        response = await call(app, "GET", "/public", cookie(text))
        assert response.body == b"<Session unavailable>"

    @pytest.mark.parametrize("path", ["/dashboard", "/login"])
    async def test_what_the_guard_must_decide_is_503(self, world, path):
        text = await world.sign_in()
        world.store.fail()
        response = await call(world.app(respond(), RULES), "GET", path, cookie(text) | PAGE)
        assert (response.status, response["content-type"]) == (503, "text/html; charset=utf-8")

    async def test_an_unsafe_request_passes_only_if_its_headers_decide_alone(self, world):
        text = await world.sign_in()
        world.store.fail()
        app = world.app(respond(), RULES)
        token = FORM, b"csrf_token=x"
        assert (await call(app, "POST", "/public", cookie(text) | OURS)).status == 200
        assert (await call(app, "POST", "/public", cookie(text))).status == 503
        assert (await call(app, "POST", "/public", cookie(text) | OURS | token[0], token[1])).status == 503

    async def test_data_that_cannot_be_stored_is_503_not_the_handler_s_200(self, world):
        text = await world.sign_in()
        world.store.fail("save")
        response = await call(world.app(respond(handler=visit), RULES), "GET", "/x", cookie(text))
        assert (response.status, response.json["code"]) == (503, "store_unavailable")

    async def test_a_fault_after_the_response_began_is_the_server_s(self, world):
        async def late(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise StoreUnavailable("late")

        with pytest.raises(StoreUnavailable):
            await call(world.app(late, RULES), "GET", "/public")


class TestHandlers:
    async def test_data_too_large_is_500_without_a_trace(self, world, caplog):
        def hoard(session):
            session["x"] = "x" * 70_000

        with caplog.at_level(logging.ERROR):
            response = await call(world.app(respond(handler=hoard), RULES), "GET", "/public")
        assert (response.status, response.json["code"]) == (500, "data_too_large")
        assert response.cookie() is None
        assert "/public" in caplog.text

    async def test_a_session_revoked_under_way_is_told(self, world):
        text = await world.sign_in()

        async def begin(session):
            await world.manager.reauthenticated(session)
            rival = await world.manager.open(text)
            await world.manager.reauthenticated(rival)
            await world.manager.close(rival)

        response = await call(world.app(respond(handler=begin), RULES), "GET", "/x", cookie(text))
        assert (response.status, response.json["code"]) == (401, "superseded")
        assert response.cookie() is None

    async def test_a_failed_response_carries_no_identity_and_leaves_no_session(self, world):
        async def sign_in(session):
            await world.manager.begin(session, ADA)

        response = await call(world.app(respond(500, handler=sign_in), RULES), "GET", "/public")
        assert response.cookie() is None
        assert await world.manager.list("u1") == []

    async def test_a_handler_that_crashes_leaves_no_session(self, world):
        async def crash(session):
            await world.manager.begin(session, ADA)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await call(world.app(respond(handler=crash), RULES), "GET", "/public")
        assert await world.manager.list("u1") == []

    async def test_a_handler_signs_in_and_out(self, world):
        async def sign_in(session):
            await world.manager.begin(session, ADA, remember=True)

        async def sign_out(session):
            await world.manager.end(session)

        begun = await call(world.app(respond(handler=sign_in), RULES), "GET", "/public")
        line = begun["set-cookie"]
        assert line.startswith("__Host-session=")
        assert line.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000")
        ended = await call(world.app(respond(handler=sign_out), RULES), "GET", "/x", cookie(begun.cookie()))
        assert ended["set-cookie"] == "__Host-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"

    async def test_adapters_find_the_manager_in_the_scope(self, world):
        async def look(scope, receive, send):
            assert scope["coatcheck"].manager is world.manager
            assert scope["coatcheck"].session is scope["session"]
            await respond()(scope, receive, send)

        assert (await call(world.app(look, RULES), "GET", "/public")).status == 200

    async def test_the_address_is_the_peer_s_whatever_a_header_says(self, world):
        headers = {"x-forwarded-for": "6.6.6.6", "forwarded": "for=6.6.6.6", "user-agent": "Firefox on Linux"}
        app = world.app(respond(handler=visit), RULES)
        await call(app, "GET", "/public", headers)
        assert world.seen.events[0].device.ip == "192.0.2.1"
        assert world.seen.events[0].device.label == "Firefox on Linux"
        await call(app, "GET", "/public", headers, client=None)
        assert world.seen.events[1].device.ip == ""

    async def test_what_is_not_http_passes_untouched(self, world):
        calls = []

        async def lifespan(scope, receive, send):
            calls.append((dict(scope), receive, send))

        await SessionMiddleware(lifespan, world.manager)({"type": "lifespan"}, 1, 2)
        assert calls == [({"type": "lifespan"}, 1, 2)]


class TestPlainHttp:
    async def test_no_cookie_is_read_or_set_over_plain_http(self, world):
        text = await world.sign_in()

        async def sign_in(session):
            await world.manager.begin(session, ADA)

        for handler in (visit, who, sign_in):
            app = world.app(respond(handler=handler), RULES)
            response = await call(app, "GET", "/public", cookie(text), scheme="http", client=("127.0.0.1", 1))
            assert response.cookie() is None
            assert response.body != b"Ada"
            assert "strict-transport-security" not in dict(response.raw)
        assert len(await world.manager.list("u1")) == 1

    @pytest.mark.parametrize(("peer", "works"), [("127.0.0.1", True), ("192.0.2.1", False)])
    async def test_development_takes_cookies_from_this_machine_alone(self, world, peer, works):
        app = world.app(respond(handler=visit), RULES, cookies=CookiePolicy.development())
        response = await call(app, "GET", "/public", scheme="http", client=(peer, 1))
        line = response["set-cookie"]
        assert (line is not None) is works
        assert not works or ("Secure" not in line and line.startswith("coatcheck-session="))


def test_problems_are_json_that_a_program_can_read():
    from coatcheck.web.problem import problem

    answer = problem(429, "too_many_attempts", title="Slow down.", retry_after=1.2)
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "title": "Slow down.",
        "status": 429,
        "code": "too_many_attempts",
        "retry_after": 2,
    }
    assert (b"retry-after", b"2") in answer.headers
    assert json.loads(problem(418, "teapot").body)["title"] == "I'm a Teapot"


@pytest.mark.parametrize("end", [asyncio.CancelledError, RuntimeError])
async def test_a_handler_that_never_answers_leaves_nobody_signed_in(world, end):
    async def handler(scope, _receive, _send):
        await world.manager.begin(scope["session"], ADA)
        scope["session"]["odd"] = object()  # what cannot be stored must not stand in the way
        raise end

    with pytest.raises(end):
        await call(world.app(handler, RULES), "GET", "/public")
    assert await world.manager.list(ADA.user_id) == []
