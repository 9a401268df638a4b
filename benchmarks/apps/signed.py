"""Starlette's own SessionMiddleware: the data travels in a signed cookie."""

import itertools

from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from benchmarks.apps import bare
from benchmarks.hosts.asgi import AsgiHost
from benchmarks.variant import DATA, Site

_numbers = itertools.count(1)


async def read(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(request.session.get("seen", "nobody")))


async def write(request: Request) -> PlainTextResponse:
    request.session["seen"] = next(_numbers)
    return PlainTextResponse("ok")


async def login(request: Request) -> PlainTextResponse:
    request.session.update(DATA)
    return PlainTextResponse("ok")


def application() -> SessionMiddleware:
    return SessionMiddleware(
        bare.starlette(read, write, login), "a secret of no consequence", https_only=True
    )


def build(site: Site) -> AsgiHost:
    return AsgiHost(application(), site.runner)
