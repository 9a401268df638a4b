"""starsessions with its memory store, loaded where a handler needs it."""

from contextlib import AsyncExitStack
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starsessions import InMemoryStore, SessionMiddleware, load_session

from benchmarks.apps import bare, signed

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


def build(_stack: AsyncExitStack) -> Any:
    return SessionMiddleware(bare.starlette(read, write, login), InMemoryStore(), lifetime=LIFETIME)
