from dataclasses import dataclass, field
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Security, WebSocket
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from coatcheck import Identity, Session, SessionManager
from coatcheck.adapters.fastapi import (
    CurrentSession,
    Policies,
    install,
    public_route,
    require_recent_auth,
    require_role,
    require_user,
    session_cookie,
)
from coatcheck.stores import MemoryStore
from coatcheck.testing import FailingStore, ManualClock
from coatcheck.web import RouteRules, public
from tests.adapters.conftest import BROWSER, PASSWORD, sign_in, started

OPEN = RouteRules([public("/")])  # so that only the dependencies guard


def make_app():
    app = FastAPI()

    @app.get("/session")
    async def session(session: CurrentSession) -> str | None:
        return session.user_id

    @app.get("/user")
    async def user(user: Annotated[Identity, Depends(require_user)]) -> str:
        return user.email

    @app.get("/admin")
    async def admin(user: Annotated[Identity, Depends(require_role("admin", "owner"))]) -> str:
        return user.email

    @app.post("/danger", dependencies=[Depends(require_recent_auth(seconds=300))])
    async def danger() -> str:
        return "done"

    @app.get("/ignorant")
    async def ignorant() -> str:
        return "knows nobody"

    return app


async def test_the_session_is_a_dependency_and_counts_as_looked_at(url):
    app = make_app()
    installation = install(app, url, rules=OPEN)
    async with started(app) as client:
        nobody = await client.get("/session")
        assert (nobody.json(), nobody.headers["vary"]) == (None, "Cookie")
        assert "vary" not in (await client.get("/ignorant")).headers
        view = await sign_in(client, installation)
        assert (await client.get("/session")).json() == view["user"]["id"]


async def test_who_is_not_signed_in_gets_a_problem_or_is_led_to_sign_in(url):
    app = make_app()
    install(app, url, rules=OPEN)
    async with started(app) as client:
        problem = await client.get("/user")
        assert problem.status_code == 401
        assert problem.headers["content-type"] == "application/problem+json"
        assert (problem.json()["code"], problem.headers["cache-control"]) == ("no_session", "no-store")
        page = await client.get("/user?tab=2", headers=BROWSER)
        assert page.status_code == 303
        assert page.headers["location"] == "/login?next=%2Fuser%3Ftab%3D2&reason=no_session"


async def test_one_of_the_roles_is_enough_and_another_is_not(url):
    app = make_app()
    installation = install(app, url, rules=OPEN)
    async with started(app) as client:
        await sign_in(client, installation, roles={"owner"}, email="olga@example.test")
        assert (await client.get("/admin")).json() == "olga@example.test"
        await sign_in(client, installation, roles={"user"})
        refused = await client.get("/admin")
        assert (refused.status_code, refused.json()["code"]) == (403, "role_required")


async def test_recent_authentication_is_asked_for_once_it_is_too_long_ago(url, monkeypatch):
    app = make_app()
    installation = install(app, url, rules=OPEN)
    async with started(app) as client:
        await sign_in(client, installation)
        assert (await client.post("/danger")).status_code == 200
        clock = ManualClock(installation.manager.now() + 301)
        monkeypatch.setattr(installation.manager._context, "clock", clock)
        refused = await client.post("/danger")
        assert (refused.status_code, refused.json()["code"]) == (403, "reauthentication_required")
        again = await client.post("/auth/reauthenticate", json={"password": PASSWORD})
        assert again.status_code == 200
        assert (await client.post("/danger")).status_code == 200


async def test_openapi_names_the_cookie_of_this_very_app(url):
    app = make_app()
    install(app, url, policies=Policies.development())
    document = app.openapi()
    scheme = document["components"]["securitySchemes"]["session"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "cookie", "coatcheck-session")
    secured = {path for path, item in document["paths"].items() for act in item.values() if "security" in act}
    assert secured == {"/session", "/user", "/admin", "/danger"}
    other = make_app()
    install(other, SessionManager(MemoryStore()))
    assert other.openapi()["components"]["securitySchemes"]["session"]["name"] == "__Host-session"


def test_an_app_without_secured_routes_has_no_scheme(url):
    app = FastAPI()
    install(app, url)
    assert "components" not in app.openapi()


async def test_marked_routes_are_public_wherever_they_are_included(url):
    router = APIRouter(prefix="/shop")

    @router.get("/{item}")
    @public_route
    async def show(item: str) -> str:
        return item

    app = FastAPI()
    installation = install(app, url)
    app.include_router(router)
    async with started(app) as client:
        assert (await client.get("/shop/hat")).json() == "hat"
        assert (await client.get("/shop")).status_code == 401
    assert public("/shop/{item}", exact=True) in installation.rules.table()


async def test_a_store_that_is_down_is_503_for_whoever_looks():
    store = FailingStore(MemoryStore())
    app = make_app()
    install(app, SessionManager(store), rules=OPEN)
    async with started(app) as client:
        store.fail()
        client.cookies.set("__Host-session", "A" * 64)
        assert (await client.get("/user")).json()["code"] == "store_unavailable"
        assert (await client.get("/ignorant")).status_code == 200


async def test_typed_data_is_had_by_naming_its_type():
    @dataclass
    class Cart:
        items: list[str] = field(default_factory=list)

    app = FastAPI()

    @app.get("/cart")
    async def cart(session: Annotated[Session[Cart], Security(session_cookie)]) -> int:
        return len(session.data.items)

    manager = SessionManager(MemoryStore(), data_type=Cart)
    install(app, manager, rules=OPEN)
    async with started(app) as client:
        assert (await client.get("/cart")).json() == 0


def test_a_requirement_closes_a_websocket_that_does_not_meet_it(url):
    app = FastAPI()

    @app.websocket("/talk")
    async def talk(socket: WebSocket, user: Annotated[Identity, Depends(require_user)]) -> None:
        await socket.accept()

    install(app, url, rules=OPEN, policies=Policies.development())
    with (
        TestClient(app) as client,
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/talk"),
    ):
        pass
    assert (closed.value.code, closed.value.reason) == (1008, "no_session")


async def test_an_answer_to_a_bug_of_the_app_says_what_every_response_says():
    """ASVS 3.4.1: the framework answers it outside of all middleware."""
    app = FastAPI()

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("a bug")

    install(app, SessionManager(MemoryStore()), rules=OPEN)
    client = TestClient(app, base_url="https://app.example", raise_server_exceptions=False)
    answer = client.get("/bug")
    assert answer.status_code == 500
    for name in ("strict-transport-security", "x-content-type-options", "content-security-policy"):
        assert len(answer.headers.get_list(name)) == 1
