"""Litestar, bare and with its server-side sessions, in memory and in Redis."""

import itertools

from litestar import Litestar, Request, get
from litestar.enums import MediaType
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.stores.base import Store
from litestar.stores.memory import MemoryStore
from litestar.stores.redis import RedisStore

from benchmarks.hosts.asgi import AsgiHost
from benchmarks.variant import DATA, Site

_numbers = itertools.count(1)


@get("/plain", media_type=MediaType.TEXT)
async def plain(request: Request) -> str:  # noqa: ARG001 - asks for what the other handlers ask for
    return "ok"


@get("/read", media_type=MediaType.TEXT)
async def constant(request: Request) -> str:  # noqa: ARG001 - likewise
    return "0"


@get("/write", media_type=MediaType.TEXT)
async def nothing(request: Request) -> str:  # noqa: ARG001 - likewise
    return "ok"


@get("/read", media_type=MediaType.TEXT)
async def read(request: Request) -> str:
    return str(request.session.get("seen", "nobody"))


@get("/write", media_type=MediaType.TEXT)
async def write(request: Request) -> str:
    request.session["seen"] = next(_numbers)
    return "ok"


@get("/login", media_type=MediaType.TEXT)
async def login(request: Request) -> str:
    request.session.update(DATA)
    return "ok"


def build_bare(site: Site) -> AsgiHost:
    return AsgiHost(Litestar([plain, constant, nothing], openapi_config=None), site.runner)


def in_memory(site: Site) -> AsgiHost:
    return _build(site, MemoryStore())


def in_redis(site: Site) -> AsgiHost:
    store = RedisStore.with_client(site.servers.redis.url)
    site.resources.push_async_callback(store.__aexit__, None, None, None)
    return _build(site, store)


def _build(site: Site, store: Store) -> AsgiHost:
    app = Litestar(
        [plain, read, write, login],
        middleware=[ServerSideSessionConfig(secure=True).middleware],
        stores={"sessions": store},
        openapi_config=None,
    )
    return AsgiHost(app, site.runner)
