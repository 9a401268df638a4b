"""Tokens over HTTP: signing in without a cookie, refreshing, giving back, looking into, bearing."""

import asyncio
import dataclasses
import json
from base64 import b64encode

import msgspec
import pytest

from coatcheck.core.events import TokenReused
from coatcheck.core.token import another
from coatcheck.login import CHEAPEST, Login, Passwords, SqliteAccounts
from coatcheck.testing import SeededEntropy
from coatcheck.tokens import Issuer, StoredKeys, TokenPolicy
from coatcheck.web import CookiePolicy, HttpApi, RouteRules, SessionMiddleware, protected, public
from tests.tokens.support import forge, header, unb64
from tests.web.support import ADA, OURS, World, call, cookie, respond
from tests.web.test_wire import conforms

EMAIL, PASSWORD, OTHER = (
    "ada@example.test",
    "vexing gnomes pack quartz jugs",
    "five wizards jump very quickly",
)
SECRET = "qMUwcpSOHLlc0YwJDrOmqVhCZ2EMEPsZmEDbp9p3LVA="
POLICY = TokenPolicy(
    issuer="https://app.test",
    audience="app",
    others=frozenset({"billing"}),
    introspectors={"billing": SECRET},
    from_cookie=True,
)
AS_JSON = {"content-type": "application/json"}
BEARER = AS_JSON | {"coatcheck-transport": "bearer"}
RULES = RouteRules([protected("/admin", roles={"admin"}), public("/open")])
GRACE = 15.0


class Shop(World):
    """An application that issues tokens, one user signed up."""

    async def start(self, path, **options):
        accounts = SqliteAccounts(path)
        passwords = Passwords(CHEAPEST, entropy=SeededEntropy("salts"))
        self.login = Login(self.manager, accounts, passwords=passwords)
        self.user_id = (await self.login.users.add(EMAIL, PASSWORD, roles=frozenset({"user"}))).user_id
        keys = StoredKeys(self.store, sealer=None, clock=self.clock, entropy=SeededEntropy("keys"))
        self.issuer = Issuer(POLICY, keys, self.clock, SeededEntropy("ids"))
        endpoint = respond(handler=lambda session: session.user_id)
        api = HttpApi(self.login, None, self.issuer)
        self.app = SessionMiddleware(endpoint, self.manager, api=api, rules=RULES, **options)
        self.close = accounts.close, passwords.close
        return self

    async def post(self, path, content=None, headers=AS_JSON, **more):
        return await call(self.app, "POST", path, headers, json.dumps(content or {}).encode(), **more)

    async def get(self, path, tokens, **headers):
        return await call(self.app, "GET", path, bearing(tokens) | headers)

    async def enter(self):
        """Sign in as a program without cookies does; time goes on until the first offer may come."""
        response = await self.post("/auth/login", {"email": EMAIL, "password": PASSWORD}, BEARER)
        assert response.status == 200, response.body
        self.clock.advance(GRACE + 1)
        return response.json

    async def refresh(self, tokens, **more):
        return await self.post("/auth/token/refresh", {"refresh_token": tokens["refresh_token"]} | more)

    async def introspect(self, token, client=f"billing:{SECRET}"):
        basic = {"authorization": f"Basic {b64encode(client.encode()).decode()}"}
        return await self.post("/auth/introspect", {"token": token}, AS_JSON | basic)


def bearing(tokens):
    text = tokens if isinstance(tokens, str) else tokens["access_token"]
    return {"authorization": f"Bearer {text}"}


@pytest.fixture
async def shop(tmp_path):
    shop = await Shop().start(tmp_path / "app.db")
    yield shop
    await shop.close[0]()
    shop.close[1]()


async def test_signing_in_as_a_bearer_gives_tokens_and_no_cookie(shop):
    response = await shop.post("/auth/login", {"email": EMAIL, "password": PASSWORD}, BEARER)
    assert response.all("set-cookie") == []
    assert response["cache-control"] == "no-store"
    got = response.json
    assert (got["token_type"], got["expires_in"], got["refresh_expires_in"]) == ("Bearer", 300, 1800)
    assert got["session"]["user"]["email"] == EMAIL
    assert (await shop.get("/me", got)).body.decode() == shop.user_id


async def test_a_wrong_password_gives_neither(shop):
    response = await shop.post("/auth/login", {"email": EMAIL, "password": OTHER}, BEARER)
    assert (response.status, response.json["code"]) == (401, "invalid_credentials")
    assert response.all("set-cookie") == []


async def test_an_access_token_opens_what_its_user_may_see_and_never_sets_a_cookie(shop):
    tokens = await shop.enter()
    shop.clock.advance(100)
    for path, status in (("/me", 200), ("/open", 200), ("/admin", 403), ("/auth/sessions", 200)):
        response = await shop.get(path, tokens)
        assert (response.status, response.all("set-cookie")) == (status, []), path
    assert (await shop.get("/auth/session", tokens)).json["session"]["id"] == tokens["session"]["id"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_schemes_name_has_no_case(shop, scheme):
    tokens = await shop.enter()
    response = await call(shop.app, "GET", "/me", {"authorization": f"{scheme} {tokens['access_token']}"})
    assert response.status == 200


async def test_the_carriers_are_never_mixed(shop):
    tokens, jar = await shop.enter(), await shop.sign_in()
    for wrong in (tokens["refresh_token"], jar, "", "x", f"{tokens['access_token']}x"):
        response = await call(shop.app, "GET", "/me", bearing(wrong) | cookie(jar))
        assert (response.status, response.json["code"]) == (401, "unknown_token")
        assert response["www-authenticate"] == 'Bearer error="invalid_token"'
    for text in (tokens["access_token"], tokens["refresh_token"]):
        assert (await call(shop.app, "GET", "/me", cookie(text))).status == 401
    for text in (jar, tokens["access_token"]):
        assert (await shop.refresh({"refresh_token": text})).json["code"] == "invalid_grant"
    twice = [("authorization", f"Bearer {tokens['access_token']}")] * 2
    assert (await call(shop.app, "GET", "/me", twice)).status == 401
    basic = {"authorization": "Basic YTpi"}
    assert (await call(shop.app, "GET", "/me", basic | cookie(jar))).status == 200


@pytest.mark.parametrize(
    "change", [{"grant": "", "step": 0}, {"grant": "0" * 16}, {"exp": 10**10}, {"exp": 301}]
)
async def test_whoever_has_the_signing_key_still_needs_a_grant_and_five_minutes(shop, change):
    tokens = await shop.enter()
    key, now = await shop.issuer.keys.signer(), int(shop.clock.now())
    good = json.loads(unb64(tokens["access_token"].split(".")[1]))
    good |= {"iat": now, "nbf": now, "exp": now + 300}
    assert (await shop.get("/me", forge(header(key), good, key))).status == 200
    if change.get("exp") == 301:
        change = {"exp": now + 301}
    forged = forge(header(key), good | change, key)
    assert (await shop.get("/me", forged)).status == 401
    assert (await shop.introspect(forged)).json == {"active": False}


async def test_a_token_that_the_app_issues_for_another_service_needs_no_grant_there(shop):
    tokens = await shop.enter()
    record = await shop.store.load(tokens["session"]["id"])
    text, _ = await shop.issuer.issue(record, "billing")
    assert (await shop.introspect(text)).json["active"] is True
    assert (await shop.get("/me", text)).status == 401


async def test_tokens_asked_for_with_a_stolen_cookie_do_not_outlive_the_new_password(shop):
    response = await shop.post("/auth/login", {"email": EMAIL, "password": PASSWORD}, AS_JSON | OURS)
    jar = cookie(response.cookie())
    save, gate, waiting = shop.store.inner.save, asyncio.Event(), asyncio.Event()

    async def held(id, change):
        waiting.set()
        await gate.wait()
        return await save(id, change)

    shop.store.inner.save = held
    thief = asyncio.create_task(shop.post("/auth/token", {}, AS_JSON | OURS | jar))
    await waiting.wait()
    shop.store.inner.save = save
    change = {"current_password": PASSWORD, "new_password": OTHER}
    assert (await shop.post("/auth/password", change, AS_JSON | OURS | jar)).status == 200
    gate.set()
    got = await thief
    assert (got.status, got.json["code"]) == (401, "superseded")
    assert (await shop.store.load(response.json["session"]["id"])).grants == ()


async def test_a_cookie_is_exchanged_for_tokens_only_where_the_policy_says_so(shop):
    policy = dataclasses.replace(POLICY, from_cookie=False)
    issuer = Issuer(policy, shop.issuer.keys, shop.clock, SeededEntropy("ids"))
    api = HttpApi(shop.login, None, issuer)
    shop.app = SessionMiddleware(respond(), shop.manager, api=api, rules=RULES)
    response = await shop.post("/auth/login", {"email": EMAIL, "password": PASSWORD}, AS_JSON | OURS)
    got = await shop.post("/auth/token", {}, AS_JSON | OURS | cookie(response.cookie()))
    assert got.status == 404


async def test_signing_in_for_tokens_leaves_the_browsers_session_alone(shop):
    response = await shop.post("/auth/login", {"email": EMAIL, "password": PASSWORD}, AS_JSON | OURS)
    jar = cookie(response.cookie())
    tokens = await shop.post("/auth/login", {"email": EMAIL, "password": PASSWORD}, BEARER | OURS | jar)
    assert (tokens.status, tokens.all("set-cookie")) == (200, [])
    assert (await call(shop.app, "GET", "/me", jar)).status == 200
    assert (await shop.get("/me", tokens.json)).status == 200


async def test_made_up_tokens_that_are_given_back_are_read_one_at_a_time_once_there_were_many(shop):
    unknown = [another("0" * 32, SeededEntropy(seed)).text for seed in range(200)]
    for text in unknown[:100]:
        await shop.post("/auth/revoke", {"token": text})
    load, now, most = shop.store.inner.load, 0, 0

    async def counted(id):
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return await load(id)

    shop.store.inner.load = counted
    await asyncio.gather(*(shop.post("/auth/revoke", {"token": text}) for text in unknown[100:]))
    assert most == 1


async def test_a_token_for_another_service_opens_nothing_here(shop):
    tokens = await shop.enter()
    other = (await shop.refresh(tokens, audience="billing")).json
    assert (await shop.get("/me", other)).status == 401
    assert (await shop.refresh(tokens, audience="payroll")).json["code"] == "unknown_audience"


async def test_over_plain_http_no_token_counts(shop):
    tokens = await shop.enter()
    response = await call(shop.app, "GET", "/me", bearing(tokens), scheme="http")
    assert response.status == 401


async def test_a_bearers_request_needs_no_anti_forgery_token_and_no_origin(shop):
    tokens = await shop.enter()
    foreign = {"origin": "https://spa.test", "sec-fetch-site": "cross-site"}
    response = await call(shop.app, "POST", "/me", bearing(tokens) | foreign)
    assert response.status == 200
    jar = await shop.sign_in()
    assert (await call(shop.app, "POST", "/me", cookie(jar) | foreign)).status == 403


async def test_a_refresh_is_answered_with_the_same_successor_until_that_is_used(shop):
    first = await shop.enter()
    answers = [(await shop.refresh(first)).json for _ in range(3)]
    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert len({answer["access_token"] for answer in answers}) == 3


async def test_what_hands_out_tokens_conforms_to_the_schema(shop):
    first = conforms("BearerAnswer", await shop.enter())
    again = await shop.post("/auth/reauthenticate", {"password": PASSWORD}, AS_JSON | bearing(first))
    offered = (await shop.refresh(conforms("BearerAnswer", again.json))).json
    assert "refresh_token" not in conforms("TokensAnswer", offered)  # within the overlap nothing is offered
    shop.clock.advance(GRACE + 1)
    assert "refresh_token" in conforms("TokensAnswer", (await shop.refresh(again.json)).json)


async def test_once_its_access_token_was_used_the_one_before_is_a_replay(shop):
    first = await shop.enter()
    second = (await shop.refresh(first)).json
    assert (await shop.get("/me", second)).status == 200
    within = await shop.refresh(first)
    assert (within.status, "refresh_token" in within.json) == (200, False)
    shop.clock.advance(GRACE + 1)
    replay = await shop.refresh(first)
    assert (replay.status, replay.json["code"]) == (401, "token_reused")
    assert (await shop.refresh(second)).json["reason"] == "unknown_token"
    assert (await shop.get("/me", second)).json["code"] == "token_reused"
    assert len(shop.seen.of(TokenReused)) == 1


async def test_a_refresh_costs_two_store_calls_at_most(shop):
    first = await shop.enter()
    second = (await shop.refresh(first)).json
    calls = []
    shop.store.before = calls.append
    await shop.refresh(second)
    assert calls == ["load", "save"]


async def test_signing_out_with_an_access_token_ends_all_of_it(shop):
    tokens = await shop.enter()
    response = await shop.post("/auth/logout", {}, bearing(tokens))
    assert (response.status, response.all("set-cookie")) == (204, [])
    assert (await shop.get("/me", tokens)).json["code"] == "logged_out"
    assert (await shop.refresh(tokens)).status == 401


async def test_a_demotion_counts_at_the_next_request_and_in_the_next_token(shop):
    await shop.login.users.set_roles(shop.user_id, frozenset({"admin"}))
    tokens = await shop.enter()
    assert (await shop.get("/admin", tokens)).status == 200
    await shop.login.users.set_roles(shop.user_id, frozenset({"user"}))
    assert (await shop.get("/admin", tokens)).json["code"] == "role_required"
    fresh = (await shop.refresh(tokens)).json
    assert (await shop.introspect(fresh["access_token"])).json["roles"] == ["user"]


async def test_proving_the_password_again_as_a_bearer_gives_new_tokens(shop):
    first = await shop.enter()
    for path, content in (
        ("/auth/reauthenticate", {"password": PASSWORD}),
        ("/auth/password", {"current_password": PASSWORD, "new_password": OTHER}),
    ):
        response = await shop.post(path, content, AS_JSON | bearing(first))
        assert (response.status, response.all("set-cookie")) == (200, []), response.body
        assert (await shop.refresh(first)).status == 401
        assert (await shop.get("/me", first)).json["code"] == "revoked"
        first = response.json
        shop.clock.advance(GRACE + 1)
        assert (await shop.get("/me", first)).status == 200


async def test_a_cookie_that_was_proven_lately_gets_tokens_and_an_access_token_does_not(shop):
    response = await shop.post("/auth/login", {"email": EMAIL, "password": PASSWORD}, AS_JSON | OURS)
    jar = response.cookie()
    got = await shop.post("/auth/token", {"audience": "billing"}, AS_JSON | OURS | cookie(jar))
    assert got.status == 200
    assert (await shop.introspect(got.json["access_token"])).json["aud"] == "billing"
    unknown = await shop.post("/auth/token", {"audience": "payroll"}, AS_JSON | OURS | cookie(jar))
    assert (unknown.status, unknown.json["code"]) == (400, "unknown_audience")
    own = (await shop.post("/auth/token", {}, AS_JSON | OURS | cookie(jar))).json
    assert (await shop.post("/auth/token", {}, AS_JSON | bearing(own))).json["code"] == "cookie_required"
    assert (await shop.post("/auth/token", {}, AS_JSON | OURS)).status == 401
    shop.clock.advance(301)
    late = await shop.post("/auth/token", {}, AS_JSON | OURS | cookie(jar))
    assert (late.status, late.json["code"]) == (403, "reauthentication_required")


async def test_tokens_that_are_given_back_are_dead_and_the_session_is_not(shop):
    tokens = await shop.enter()
    for given in (tokens["refresh_token"], tokens["access_token"], "unknown", "a.b.c"):
        form = {"content-type": "application/x-www-form-urlencoded"}
        body = f"token={given}&token_type_hint=refresh_token&client_id=x".encode()
        response = await call(shop.app, "POST", "/auth/revoke", form, body)
        assert (response.status, response.body) == (200, b"")
    assert (await shop.get("/me", tokens)).json["code"] == "revoked"
    assert (await shop.refresh(tokens)).status == 401
    assert len(await shop.manager.list(shop.user_id)) == 1


async def test_an_access_token_given_back_takes_its_grant_along(shop):
    tokens = await shop.enter()
    await shop.post("/auth/revoke", {"token": tokens["access_token"]})
    assert (await shop.refresh(tokens)).status == 401


async def test_introspection_tells_a_trusted_service_how_things_are_now(shop):
    tokens = await shop.enter()
    told = (await shop.introspect(tokens["access_token"])).json
    assert told["active"] is True
    assert (told["sub"], told["aud"], told["roles"], told["amr"]) == (shop.user_id, "app", ["user"], ["pwd"])
    await shop.manager.revoke_user(shop.user_id)
    assert (await shop.introspect(tokens["access_token"])).json == {"active": False}


@pytest.mark.parametrize("kind", ["refresh", "garbage", "expired"])
async def test_introspection_says_of_anything_else_that_it_is_inactive(shop, kind):
    tokens = await shop.enter()
    text = tokens["refresh_token"] if kind == "refresh" else tokens["access_token"]
    if kind == "expired":
        shop.clock.advance(400)
    if kind == "garbage":
        text = "x" + text
    assert (await shop.introspect(text)).json == {"active": False}


@pytest.mark.parametrize(
    "client", ["", "billing", "billing:", f"other:{SECRET}", "billing:wrong", f"{SECRET}:billing", "other:"]
)
async def test_introspection_is_for_those_with_the_secret(shop, client):
    response = await shop.introspect((await shop.enter())["access_token"], client)
    assert (response.status, response["www-authenticate"]) == (401, "Basic")
    for field in ({}, {"authorization": "Basic !"}, {"authorization": "Basic /w=="}):
        assert (await shop.post("/auth/introspect", {"token": "x"}, AS_JSON | field)).status == 401


@pytest.mark.parametrize("path", ["token/refresh", "revoke"])
async def test_a_body_that_lacks_its_token_is_refused(shop, path):
    assert (await shop.post(f"/auth/{path}", {"other": 1})).status == 422


async def test_bodies_are_checked_where_a_session_or_a_secret_came_along(shop):
    jar = await shop.sign_in(msgspec.structs.replace(ADA, user_id=shop.user_id))
    assert (await shop.post("/auth/token", {"other": 1}, AS_JSON | OURS | cookie(jar))).status == 422
    basic = {"authorization": f"Basic {b64encode(f'billing:{SECRET}'.encode()).decode()}"}
    assert (await shop.post("/auth/introspect", {"other": 1}, AS_JSON | basic)).status == 422


async def test_while_the_store_is_down_a_bearer_is_told_to_come_again(shop):
    tokens = await shop.enter()
    shop.store.fail()
    assert (await shop.get("/me", tokens)).status == 503
    assert (await shop.refresh(tokens)).status == 503
    assert (await shop.get("/open", tokens)).status == 503  # its handler looks at the session


async def test_a_stream_needs_the_cookie(shop):
    tokens = await shop.enter()
    response = await shop.get("/auth/events", tokens)
    assert (response.status, response.json["code"]) == (401, "no_session")


async def test_where_no_tokens_are_issued_none_are_promised_and_none_are_read(tmp_path):
    shop = await Shop().start(tmp_path / "app.db", cookies=CookiePolicy())
    tokens = await shop.enter()
    bare = SessionMiddleware(respond(), shop.manager, api=HttpApi(shop.login), rules=RULES)
    shop.app = bare
    response = await shop.post("/auth/login", {"email": EMAIL, "password": PASSWORD}, BEARER)
    assert (response.status, response.json["code"]) == (400, "no_tokens_here")
    assert (await shop.get("/me", tokens)).json["code"] == "no_session"
    await shop.close[0]()
    shop.close[1]()
