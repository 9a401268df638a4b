"""Litestar, bare and with its server-side sessions in its memory store."""

import itertools
from contextlib import AsyncExitStack
from typing import Any

from litestar import Litestar, Request, get
from litestar.enums import MediaType
from litestar.middleware.session.server_side import ServerSideSessionConfig

from benchmarks.variant import DATA

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


def build_bare(_stack: AsyncExitStack) -> Any:
    return Litestar([plain, constant, nothing], openapi_config=None)


def build(_stack: AsyncExitStack) -> Any:
    sessions = ServerSideSessionConfig(secure=True)
    return Litestar([plain, read, write, login], middleware=[sessions.middleware], openapi_config=None)
