"""FastAPI: bare, with fastapi-redis-sdk, and with crudauth, both on Redis."""

import itertools
import os
from collections.abc import AsyncIterator
from typing import Annotated

from crudauth import CRUDAuth, Principal
from crudauth.models import AuthUserMixin
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from redis_fastapi import FastAPIRedis, SessionDep
from redis_fastapi.config import get_settings
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.hosts.asgi import AsgiHost
from benchmarks.variant import DATA, Site

USERS = 500

_numbers = itertools.count(1)


class Base(DeclarativeBase):
    pass


class User(Base, AuthUserMixin):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)


async def plain() -> PlainTextResponse:
    return PlainTextResponse("ok")


async def constant() -> PlainTextResponse:
    return PlainTextResponse("0")


def build_bare(site: Site) -> AsgiHost:
    app = _app()
    app.get("/read")(constant)
    app.get("/write")(plain)
    return AsgiHost(app, site.runner)


def redis_sdk(site: Site) -> AsgiHost:
    """`request.session` in Redis, one pipeline per request."""
    os.environ["REDIS_URL"] = site.servers.redis.url
    get_settings.cache_clear()
    app = _app()
    FastAPIRedis(app).lifespan().sessions()

    @app.get("/login")
    async def login(session: SessionDep) -> PlainTextResponse:
        session.update(DATA)
        return PlainTextResponse("ok")

    @app.get("/read")
    async def read(session: SessionDep) -> PlainTextResponse:
        return PlainTextResponse(str(session.get("seen", "nobody")))

    @app.get("/write")
    async def write(session: SessionDep) -> PlainTextResponse:
        session["seen"] = next(_numbers)
        return PlainTextResponse("ok")

    site.runner.run(site.resources.enter_async_context(app.router.lifespan_context(app)))
    return AsgiHost(app, site.runner)


def crudauth(site: Site) -> AsgiHost:
    """Sessions in Redis, and the user in PostgreSQL, whom it reads with each request; it keeps no data."""
    url = site.servers.postgres.new_database().replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(url)
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def database() -> AsyncIterator[AsyncSession]:
        async with sessions() as session:
            yield session

    auth = CRUDAuth(
        session=database,
        user_model=User,
        SECRET_KEY="a secret of no consequence",
        redis_url=site.servers.redis.url,
    )
    transport = auth.transports[0]
    app = _app()

    @app.get("/login")
    async def login(request: Request, response: Response) -> str:
        async with sessions() as session:
            # By turns, for nobody may have more than a few sessions.
            user = await session.get_one(User, 1 + next(_numbers) % USERS)
            await transport.complete_login(request, response, user, {})
        return "ok"

    @app.get("/read")
    async def read(
        user: Annotated[Principal | None, Depends(auth.current_user(optional=True))],
    ) -> PlainTextResponse:
        return PlainTextResponse("0" if user else "nobody")

    async def prepare() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with sessions.begin() as session:
            session.add_all(
                User(username=f"ada{number}", email=f"ada{number}@example.test", hashed_password="none")
                for number in range(USERS)
            )
        await auth.initialize()

    site.runner.run(prepare())
    site.resources.push_async_callback(engine.dispose)
    site.resources.push_async_callback(auth.shutdown)
    return AsgiHost(app, site.runner)


def _app() -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.get("/plain")(plain)
    return app
