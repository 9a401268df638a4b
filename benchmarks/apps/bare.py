"""The Starlette application that session layers for it are put in front of, with a handler per scenario."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from benchmarks.hosts.asgi import AsgiHost
from benchmarks.variant import Site


async def plain(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


async def constant(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("0")


def build(site: Site) -> AsgiHost:
    return AsgiHost(starlette(), site.runner)


def starlette(read: Any = constant, write: Any = plain, login: Any = plain) -> Starlette:
    return Starlette(
        routes=[
            Route("/plain", plain),
            Route("/read", read),
            Route("/write", write),
            Route("/login", login),
        ]
    )
