"""Coatcheck in front of the same application, on each of its stores as `install` opens them."""

import asyncio
import itertools
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from benchmarks.apps import bare
from benchmarks.hosts.asgi import AsgiHost
from benchmarks.variant import DATA, Site
from coatcheck import Identity, SessionManager
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import Absent
from coatcheck.stores import open_store
from coatcheck.stores.near import NearStore
from coatcheck.web import RouteRules, SessionMiddleware, public

ADA = Identity(user_id="01J9ZC5Y6Q", email="ada@example.test", name="Ada", roles=frozenset({"user"}))
NOBODY = "0" * 32  # an id that no session has
PATIENCE = 30.0  # seconds

_numbers = itertools.count(1)


async def read(request: Request) -> PlainTextResponse:
    session: Any = request.session
    return PlainTextResponse(str(session["seen"]) if session.identity else "nobody")


async def write(request: Request) -> PlainTextResponse:
    request.session["seen"] = next(_numbers)
    return PlainTextResponse("ok")


def build(site: Site, engine: str) -> AsgiHost:
    store = open_store(site.servers.fresh(engine), near=True)
    site.resources.push_async_callback(store.close)
    manager: SessionManager[Any] = SessionManager(store)
    near = store if isinstance(store, NearStore) else None
    return AsgiHost(application(manager), site.runner, (lambda: remembers(near)) if near else None)


def application(manager: SessionManager[Any]) -> Any:
    """Return the application, behind the session layer."""

    async def login(request: Request) -> PlainTextResponse:
        session: Any = request.session
        await manager.begin(session, ADA)
        session.update(DATA)
        return PlainTextResponse("ok")

    rules = RouteRules([public("/")])  # who may go where is decided here too, unlike in the peers
    return SessionMiddleware(bare.starlette(read, write, login), manager, rules=rules)


async def remembers(store: NearStore) -> None:
    """Wait until the near-cache believes its feed: it heard nothing while its event loop stood still."""
    async with asyncio.timeout(PATIENCE):
        while not isinstance(store.recall(NOBODY), Absent):
            with suppress(StoreUnavailable):
                await store.load(NOBODY)
            await asyncio.sleep(0.02)
