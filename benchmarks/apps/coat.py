"""Coatcheck in front of the same application, on its memory store and on its SQLite store."""

import itertools
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from benchmarks.apps import bare
from benchmarks.variant import DATA
from coatcheck import Identity, SessionManager
from coatcheck.core.store import Store
from coatcheck.stores.memory import MemoryStore
from coatcheck.stores.sqlite import SqliteStore
from coatcheck.web import RouteRules, SessionMiddleware, public

ADA = Identity(user_id="01J9ZC5Y6Q", email="ada@example.test", name="Ada", roles=frozenset({"user"}))

_numbers = itertools.count(1)


async def read(request: Request) -> PlainTextResponse:
    session: Any = request.session
    return PlainTextResponse(str(session["seen"]) if session.identity else "nobody")


async def write(request: Request) -> PlainTextResponse:
    request.session["seen"] = next(_numbers)
    return PlainTextResponse("ok")


def in_memory(_stack: AsyncExitStack) -> Any:
    return _build(MemoryStore())


def in_sqlite(stack: AsyncExitStack) -> Any:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="coatcheck-bench-"))
    store = SqliteStore(Path(folder) / "sessions.db")
    stack.push_async_callback(store.close)
    return _build(store)


def _build(store: Store) -> Any:
    manager: SessionManager[Any] = SessionManager(store)

    async def login(request: Request) -> PlainTextResponse:
        session: Any = request.session
        await manager.begin(session, ADA)
        session.update(DATA)
        return PlainTextResponse("ok")

    rules = RouteRules([public("/")])  # who may go where is decided here too, unlike in the peers
    return SessionMiddleware(bare.starlette(read, write, login), manager, rules=rules)
