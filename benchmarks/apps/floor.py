"""The least a server-side session can cost: find the cookie, hash it, look it up, check the deadline."""

import time
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from benchmarks.apps import bare
from benchmarks.hosts.asgi import AsgiHost
from benchmarks.variant import DATA, Site

NAME = b"__Host-session="
TOKEN = "f" * 64
LIFETIME = 12 * 60 * 60  # seconds
NOTHING: tuple[float, dict[str, Any]] = (0.0, {})


class Floor:
    """No rotation, no identity, no store, no change of anything: not a library, a yardstick."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.sessions: dict[bytes, tuple[float, dict[str, Any]]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope["session"] = {}
        for name, value in scope["headers"]:
            if name == b"cookie":
                for part in value.split(b"; "):
                    if part.startswith(NAME):
                        deadline, data = self.sessions.get(sha256(part[len(NAME) :]).digest(), NOTHING)
                        if time.time() < deadline:
                            scope["session"] = data
        await self.app(scope, receive, send)


async def read(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(request.session.get("seen", "nobody")))


async def login(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok", headers={"set-cookie": f"{NAME.decode()}{TOKEN}; Secure"})


def build(site: Site) -> AsgiHost:
    floor = Floor(bare.starlette(read, login=login))
    floor.sessions[sha256(TOKEN.encode()).digest()] = (time.time() + LIFETIME, DATA)
    return AsgiHost(floor, site.runner)
