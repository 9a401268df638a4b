"""The Starlette application everything but Litestar is put in front of, with a handler per scenario."""

from contextlib import AsyncExitStack
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def plain(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


async def constant(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("0")


def build(_stack: AsyncExitStack) -> Any:
    return starlette()


def starlette(read: Any = constant, write: Any = plain, login: Any = plain) -> Starlette:
    return Starlette(
        routes=[
            Route("/plain", plain),
            Route("/read", read),
            Route("/write", write),
            Route("/login", login),
        ]
    )
