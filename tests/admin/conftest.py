"""The dashboard in a small app, over a store of each kind."""

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from coatcheck import Identity, SessionManager
from coatcheck.adapters.admin import mount_admin
from coatcheck.adapters.starlette import Policies, install
from coatcheck.core.client import KnownClient
from coatcheck.login import SqliteAccounts
from coatcheck.stores import open_store
from coatcheck.testing import ManualClock, RecordingObserver
from coatcheck.web import RouteRules, public

HOST = "https://shop.test"
PAGE = {"accept": "text/html,*/*;q=0.8", "sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ADA = Identity(user_id="u-ada", name="Ada Lovelace", email="ada@example.test", roles=frozenset({"user"}))
GRACE = Identity(user_id="u-grace", name="Grace Hopper", roles=frozenset({"admin"}))
RULES = RouteRules([public("/", exact=True)], reauthenticate_path="/confirm")


async def home(_):
    return PlainTextResponse("a shop")


@dataclass
class House:
    """An app with the dashboard, running."""

    app: Starlette
    admin: object
    manager: SessionManager
    clock: ManualClock
    seen: RecordingObserver
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def signed_in(self, user=GRACE, *, ip="192.0.2.1", agent=FIREFOX):
        """Return the session and its token."""
        session = self.manager.visitor(KnownClient(ip, agent, ""))
        await self.manager.begin(session, user)
        change = await self.manager.close(session)
        return session, change.text

    async def browser(self, user=GRACE):
        """Return a browser whose user has signed in."""
        _, token = await self.signed_in(user)
        return await self.jar(token)

    async def jar(self, token=""):
        """Return a browser that holds a token, or nothing."""
        transport = httpx.ASGITransport(self.app, client=("192.0.2.1", 50_000))
        headers = {**PAGE, "cookie": f"__Host-session={token}"} if token else PAGE
        jar = httpx.AsyncClient(transport=transport, base_url=HOST, headers=headers)
        return await self.stack.enter_async_context(jar)


@asynccontextmanager
async def running(store, *, accounts=None, clock=None):
    """Run the app over a store."""
    clock, seen = clock or ManualClock(), RecordingObserver()
    manager = SessionManager(store, clock=clock, observers=[seen])
    app = Starlette(routes=[Route("/", home)])
    installation = install(app, manager, rules=RULES, policies=Policies(sweeping=None), accounts=accounts)
    house = House(app, mount_admin(app, installation), manager, clock, seen)
    async with app.router.lifespan_context(app), house.stack:
        yield house


@pytest.fixture
async def house(store):
    async with running(store) as house:
        yield house


@pytest.fixture
async def staffed(store, tmp_path):
    """The same, with accounts."""
    accounts = SqliteAccounts(tmp_path / "accounts.db")
    async with running(store, accounts=accounts) as house:
        house.accounts = accounts
        yield house
    await accounts.close()


@pytest.fixture(params=["memory", "sqlite", "postgres", "redis"])
def url(request, tmp_path):
    """A store of each kind."""
    match request.param:
        case "memory":
            return "memory://"
        case "sqlite":
            return f"sqlite:///{tmp_path / 'sessions.db'}"
        case "postgres":
            return request.getfixturevalue("emptied")
        case _:
            server = request.getfixturevalue("redis_8")
            server.empty()
            return server.url


@pytest.fixture
async def house_of_each(url):
    store = open_store(url)
    async with running(store) as house:
        yield house
    await store.close()
