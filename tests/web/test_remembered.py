"""Requests whose session this process remembers: admitted at once, refused only on a read."""

import msgspec
import pytest

from coatcheck import Identity, Reason, SessionManager
from coatcheck.core.events import AccessDenied
from coatcheck.stores import MemoryStore, NearStore
from coatcheck.testing import CountingStore, FailingStore, ManualClock, RecordingObserver, SeededEntropy
from coatcheck.web import CookiePolicy, RouteRules, SessionMiddleware, guests_only, protected, public
from coatcheck.web.access import RequirementNotMet, require
from coatcheck.web.api import HttpApi
from tests.manager.feeds import ScriptedFeed, until
from tests.web.support import ADA, OURS, World, call, cookie, respond
from tests.web.test_socket import ORIGIN, connect

ADMIN = msgspec.structs.replace(ADA, roles=frozenset({"admin"}))
RULES = RouteRules([public("/public"), protected("/admin", roles={"admin"}), guests_only("/register")])
FRESH = "__Host-session-fresh"


class Here:
    """A worker with a near-cache, beside another one of which it hears nothing; Ada is signed in."""

    def __init__(self):
        self.elsewhere = World(store=FailingStore(ScriptedFeed()))
        self.counted = CountingStore(self.elsewhere.store)
        self.near = NearStore(self.counted, clock=self.elsewhere.clock)
        self.seen = RecordingObserver()
        self.manager = SessionManager(
            self.near, observers=[self.seen], clock=self.elsewhere.clock, entropy=SeededEntropy(2)
        )
        self.token = ""

    async def remember(self):
        self.token = await self.elsewhere.sign_in()
        await self.manager.open(self.token)
        feed = self.elsewhere.store.inner
        for _ in range(2):
            await feed.script.put(())
        await until(lambda: feed.waits and feed.script.empty())
        await self.manager.open(self.token)
        self.counted.reset()

    def app(self, endpoint=None, **policies):
        return World.app(self, endpoint or respond(), RULES, **policies)

    async def call(self, app, method, path, headers=None):
        return await call(app, method, path, {**cookie(self.token), **OURS, **(headers or {})})

    async def change_roles(self, identity=ADMIN):
        await self.elsewhere.manager.update_user(identity)


@pytest.fixture
async def here():
    here = Here()
    await here.remember()
    yield here
    await here.near.close()


def store_something(session):
    session["cart"] = ["hat"]


async def test_a_check_reads_nothing(here):
    response = await here.call(here.app(), "GET", "/")
    assert (response.status, here.counted.reads) == (200, 0)
    assert response.cookie() is None
    assert response.cookie(FRESH) is None


async def test_a_role_that_was_granted_elsewhere_counts_at_once(here):
    await here.change_roles()
    response = await here.call(here.app(), "GET", "/admin")
    assert (response.status, here.counted.reads) == (200, 1)
    assert not here.seen.of(AccessDenied)


async def test_who_lacks_a_role_is_refused_on_a_read_and_told_of_once(here):
    response = await here.call(here.app(), "GET", "/admin")
    assert (response.status, here.counted.reads) == (403, 1)
    assert [event.reason for event in here.seen.of(AccessDenied)] == [Reason.ROLE_REQUIRED]


async def test_a_handlers_own_requirement_is_judged_on_a_read_before_it_refuses(here):
    met = []

    async def endpoint(scope, receive, send):
        store_something(scope["session"])
        try:
            met.append((await require(scope, protected("/", roles={"admin"}))).roles)
        except RequirementNotMet:
            met.append(None)
        await respond()(scope, receive, send)

    await here.call(here.app(endpoint), "GET", "/")
    await here.change_roles()
    await here.call(here.app(endpoint), "GET", "/")
    assert met == [None, {"admin"}]
    assert len(here.seen.of(AccessDenied)) == 1
    assert (await here.manager.open(here.token))["cart"] == ["hat"], "what the handler did is kept"


async def test_who_was_signed_out_elsewhere_is_no_user_to_send_on(here):
    await here.elsewhere.manager.revoke_user(ADA.user_id)
    response = await here.call(here.app(), "GET", "/register")
    assert response.status == 200


async def test_the_api_shows_what_the_store_has(here):
    app = here.app(api=HttpApi())
    session = await here.elsewhere.manager.open(here.token)
    here.elsewhere.clock.advance(60)
    await here.elsewhere.manager.touch(session)
    view = (await here.call(app, "GET", "/auth/session")).json["session"]
    assert view["idle_expires_in"] == 1_800
    await here.elsewhere.manager.revoke_user(ADA.user_id)
    assert (await here.call(app, "GET", "/auth/session")).json["reason"] == "revoked"


async def test_a_browser_that_stored_something_asks_for_it_until_every_worker_has_heard(here):
    response = await here.call(here.app(respond(handler=store_something)), "GET", "/")
    [line] = [line for line in response.all("set-cookie") if line.startswith(FRESH)]
    assert line == f"{FRESH}=1; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2"
    assert response["cache-control"] == "no-store"


@pytest.mark.parametrize(("carried", "reads"), [("; __Host-session-fresh=1", 1), ("", 0)])
async def test_a_request_that_says_so_is_answered_from_the_store(here, carried, reads):
    fields = {"cookie": f"__Host-session={here.token}{carried}"}
    assert (await here.call(here.app(), "GET", "/", fields)).status == 200
    assert here.counted.reads == reads


async def test_it_is_asked_for_after_a_reauthentication_and_by_sockets_too(here):
    async def endpoint(scope, receive, send):
        store_something(scope["session"])
        await receive()
        await send({"type": "websocket.accept"})

    [accepted] = await connect(here.app(endpoint), "/", {**cookie(here.token), **ORIGIN})
    assert any(value.startswith(FRESH.encode()) for _, value in accepted["headers"])

    response = await here.call(here.app(respond(handler=here.manager.reauthenticated)), "GET", "/")
    assert response.cookie(FRESH) == "1"
    assert response.cookie()


async def test_a_socket_is_refused_only_on_a_read(here):
    async def endpoint(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})

    refused = await connect(here.app(endpoint), "/admin", {**cookie(here.token), **ORIGIN})
    assert refused[0]["type"] == "websocket.close"
    await here.change_roles()
    accepted = await connect(here.app(endpoint), "/admin", {**cookie(here.token), **ORIGIN})
    assert accepted[0]["type"] == "websocket.accept"


async def test_where_nothing_is_behind_no_browser_has_to_ask():
    manager = SessionManager(MemoryStore(), clock=ManualClock(), entropy=SeededEntropy())
    session = await manager.open(None)
    await manager.begin(session, Identity(user_id="u1"))
    token = (await manager.close(session)).text

    app = SessionMiddleware(respond(handler=store_something), manager, rules=RULES)
    response = await call(app, "GET", "/", cookie(token))
    assert response.all("set-cookie") == []


def test_in_development_the_cookie_has_no_prefix():
    assert CookiePolicy.development().fresh_cookie().name == "coatcheck-session-fresh"
