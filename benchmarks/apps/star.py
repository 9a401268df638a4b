"""starsessions, loaded where a handler needs it, with its memory store and with the one for Redis."""

from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starsessions import InMemoryStore, SessionMiddleware, SessionStore, load_session
from starsessions.stores.redis import RedisStore

from benchmarks.apps import bare, signed
from benchmarks.hosts.asgi import AsgiHost
from benchmarks.variant import Site

LIFETIME = 12 * 60 * 60  # seconds


async def read(request: Request) -> PlainTextResponse:
    await load_session(request)
    return await signed.read(request)


async def write(request: Request) -> PlainTextResponse:
    await load_session(request)
    return await signed.write(request)


async def login(request: Request) -> PlainTextResponse:
    await load_session(request)
    return await signed.login(request)


def in_memory(site: Site) -> AsgiHost:
    return _build(site, InMemoryStore())


def in_redis(site: Site) -> AsgiHost:
    client = Redis.from_url(site.servers.redis.url)
    site.resources.push_async_callback(client.aclose)
    return _build(site, RedisStore(connection=client))


def _build(site: Site, store: SessionStore) -> AsgiHost:
    app = SessionMiddleware(bare.starlette(read, write, login), store, lifetime=LIFETIME)
    return AsgiHost(app, site.runner)
