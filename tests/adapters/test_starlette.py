from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient

from coatcheck import ConfigurationError, Lifetimes, SessionManager
from coatcheck.adapters.starlette import Policies, install, public_route, session_from
from coatcheck.login import SqliteAccounts
from coatcheck.stores import MemoryStore, MovingStore, open_store, sqlite_path
from coatcheck.web import RouteRules, public
from tests.adapters.conftest import sign_in, started
from tests.stores.sealed.support import BOTH, OLD, STRANGER


async def count(request):
    """Use the session exactly as with Starlette's own middleware."""
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JSONResponse(request.session["visits"])


async def whoami(request):
    return PlainTextResponse(session_from(request).user_id or "nobody")


@public_route
async def open_to_all(request):
    return PlainTextResponse("welcome")


def make_app(**facts):
    return Starlette(
        routes=[
            Route("/count", count, methods=["GET", "POST"]),
            Route("/whoami", whoami),
            Route("/open/{id:int}", open_to_all),
            Mount("/inner", routes=[Route("/open", open_to_all), Route("/closed", whoami)]),
        ],
        **facts,
    )


async def test_request_session_is_starlettes_own_idiom(url):
    app = make_app()
    installation = install(app, url)
    async with started(app) as client:
        await sign_in(client, installation)
        assert [(await client.get("/count")).json() for _ in range(3)] == [1, 2, 3]


async def test_the_accessor_gives_the_signed_in_user(url):
    app = make_app()
    installation = install(app, url)
    async with started(app) as client:
        session = await sign_in(client, installation)
        answer = await client.get("/whoami")
        assert answer.text == session["user"]["id"]
        assert answer.headers["cache-control"] == "no-store"


async def test_everything_is_protected_but_what_is_marked(url):
    app = make_app()
    install(app, url)
    async with started(app) as client:
        statuses = {
            path: (await client.get(path)).status_code for path in ("/whoami", "/inner/closed", "/nope")
        }
        assert set(statuses.values()) == {401}
        for path in ("/open/1", "/inner/open"):
            assert (await client.get(path)).text == "welcome"
        assert (await client.get("/open/1/more")).status_code == 401


async def test_a_marked_route_that_nobody_looks_at_stays_cacheable(url):
    app = make_app()
    install(app, url)
    async with started(app) as client:
        answer = await client.get("/open/1")
    assert "vary" not in answer.headers
    assert "set-cookie" not in answer.headers


async def test_the_apps_own_lifespan_still_runs_and_gives_its_state(url):
    seen = []

    @asynccontextmanager
    async def lifespan(app):
        seen.append("start")
        yield {"colour": "green"}
        seen.append("stop")

    app = make_app(lifespan=lifespan)
    install(app, url)
    async with app.router.lifespan_context(app) as state:
        assert seen == ["start"]
        assert state == {"colour": "green"}
    assert seen == ["start", "stop"]


async def test_held_activity_is_written_when_the_app_stops():
    manager = SessionManager(MemoryStore())
    written = []
    manager._context.backlog.write_all = lambda: _note(written)
    app = make_app()
    install(app, manager)
    async with started(app):
        assert written == []
    assert written == ["all"]


async def _note(written):
    written.append("all")


async def test_a_manager_of_the_app_is_used_as_it_is_and_signs_nobody_in():
    manager = SessionManager(MemoryStore())
    app = make_app()
    installation = install(app, manager, rules=RouteRules([public("/")]))
    assert installation.manager is manager
    assert installation.login is None
    async with started(app) as client:
        assert (await client.post("/auth/login", json={})).status_code == 404
        assert (await client.get("/auth/session")).json()["session"] is None


def test_lifetimes_beside_a_manager_contradict_it():
    with pytest.raises(ConfigurationError, match="lifetimes and observers of its own"):
        install(make_app(), SessionManager(MemoryStore()), lifetimes=Lifetimes())


def test_a_move_beside_a_manager_contradicts_it(url):
    with pytest.raises(ConfigurationError, match=r"a store, .* of its own"):
        install(make_app(), SessionManager(MemoryStore()), moving_from=url)


def test_a_sealer_beside_a_manager_contradicts_it():
    with pytest.raises(ConfigurationError, match=r"a store, .* of its own"):
        install(make_app(), SessionManager(MemoryStore()), policies=Policies(sealer=OLD))


async def outcomes(client):
    """What a request for data, one for the identity, and one for nobody's page get."""
    return [(await client.get(path)).status_code for path in ("/count", "/whoami", "/open/1")]


async def test_sealed_data_need_their_key_and_a_missing_one_signs_nobody_out(url, caplog):
    """Nor does an app that has no keys take what is sealed for data of its own."""
    cookies = None
    for sealer, expected in (
        (OLD, [200, 200, 200]),
        (STRANGER, [503, 503, 200]),
        (None, [503, 503, 200]),
        (BOTH, [200, 200, 200]),
    ):
        app = make_app()
        installation = install(app, url, policies=Policies(sealer=sealer))
        async with started(app) as client:
            if cookies is None:
                await sign_in(client, installation)
                await client.get("/count")
                cookies = client.cookies
            client.cookies = cookies
            caplog.clear()
            assert await outcomes(client) == expected
            assert ("a key that is not here" in caplog.text) is (503 in expected)
    assert b'"visits":3' in (await dump(url, BOTH))
    assert b'"visits":3' not in (await dump(url, None))


async def dump(url, sealer):
    store = open_store(url, sealer=sealer)
    [record] = await store.scan("", 2)
    await store.close()
    return record.data


async def test_while_sessions_move_the_accounts_stay_where_they_are(url, tmp_path):
    before = SqliteAccounts(sqlite_path(url))
    ada = {"email": "ada@example.test", "name": "Ada", "password_hash": None, "roles": frozenset()}
    await before.add(**ada, created_at=0.0)
    await before.close()
    app = make_app()
    installation = install(app, f"sqlite:///{tmp_path}/new.db", moving_from=url)
    assert isinstance(installation.manager.store, MovingStore)
    async with started(app):
        assert await installation.accounts.by_email("ada@example.test")


def test_a_url_takes_lifetimes(url):
    installation = install(make_app(), url, lifetimes=Lifetimes(idle=600))
    assert installation.manager.lifetimes.idle == 600


def test_without_install_the_accessor_says_what_is_missing():
    with pytest.raises(ConfigurationError, match="install"):
        session_from(Request({"type": "http", "headers": []}))


def test_a_websocket_has_its_session(url):
    async def talk(socket):
        await socket.accept()
        await socket.send_text(str(session_from(socket).user_id))
        await socket.close()

    app = Starlette(routes=[WebSocketRoute("/talk", talk)])
    install(app, url, rules=RouteRules([public("/talk")]), policies=Policies.development())
    with TestClient(app, client=("127.0.0.1", 50_000)) as client, client.websocket_connect("/talk") as socket:
        assert socket.receive_text() == "None"


async def test_a_store_from_a_url_is_closed_with_the_app_for_good(url):
    app = make_app()
    installation = install(app, url)
    async with started(app) as client:
        await sign_in(client, installation)
    with pytest.raises(ConfigurationError, match="Make a new app"):
        async with started(app):
            pass


async def test_with_a_manager_of_its_own_an_app_can_be_started_again():
    app = make_app()
    install(app, SessionManager(MemoryStore()), rules=RouteRules([public("/")]))
    for visits in (1, 1):  # another client each time
        async with started(app) as client:
            assert (await client.get("/count")).json() == visits


async def _raise(request):
    raise RuntimeError("a bug")


class _Terminating:
    """Middleware of the app that learns of TLS from its proxy, as uvicorn's does."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            scope["scheme"] = "https"
        await self.app(scope, receive, send)


async def test_an_answer_to_a_bug_of_the_app_says_what_every_response_says(url):
    """ASVS 3.4.1: the framework answers it outside of all middleware."""
    app = Starlette(routes=[Route("/bug", _raise)])
    install(app, url, rules=RouteRules([public("/")]))
    app.add_middleware(_Terminating)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://app.example") as client,
    ):
        answer = await client.get("/bug")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    for name in ("strict-transport-security", "x-content-type-options", "content-security-policy"):
        assert len(answer.headers.get_list(name)) == 1
