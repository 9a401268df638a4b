"""An application to attack: what the demo lacks. Run as `python -m tests.attack.target`.

The harness tells it everything in one variable of the environment; it tells the harness which
worker answered (`x-worker`) and what its observer heard (one JSON object a line).
"""

import asyncio
import json
import os
import socket
import sys
import time
from pathlib import Path

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from uvicorn.supervisors import Multiprocess

from coatcheck.adapters.starlette import Policies, install
from coatcheck.core.events import Event
from coatcheck.core.lifetimes import Lifetimes
from coatcheck.core.store import Cap
from coatcheck.login import Account, SqliteAccounts
from coatcheck.manager import SessionManager
from coatcheck.stores import open_store
from coatcheck.tokens import TokenPolicy
from coatcheck.web import OriginPolicy, RouteRules, protected, public
from coatcheck.web.api import ApiPolicy

VARIABLE = "COATCHECK_ATTACKED"
GRACE = 1  # seconds that open connections get when the server stops
FRIEND = "https://friend.test"  # another site, from which this one takes forms
SPA = "https://spa.test"  # another one, whose pages come with tokens
ISSUER, AUDIENCE = "https://app.test", "target"  # of access tokens
FAR = 1.0  # seconds
MAX_HEAD = 4 << 20  # the server itself shall refuse no header: ours is the code under attack

RULES = RouteRules(
    [
        public("/", exact=True),
        public("/notes"),
        public("/assets"),
        public("/looked", exact=True),
        public("/operator"),
        protected("/admin", roles={"admin"}),
        protected("/sensitive", recent=300),
        protected("/status", passive=True),
    ],
    home_path="/me",
)


class Orders(msgspec.Struct):
    """What the harness tells: folder of all files, and how the server listens."""

    folder: str
    listener: int
    workers: int = 2
    certfile: str | None = None
    keyfile: str | None = None
    cap: int = 10
    trusted_proxies: str = ""
    public: str | None = None


def shift_clock(path: Path) -> None:
    """Let this process's wall clock be off by what a file says of all workers, and of this one."""
    true_time, own = time.time, str(os.getpid())

    def shifted() -> float:
        shifts = json.loads(path.read_bytes())
        return true_time() + shifts["all"] + shifts.get(own, 0)

    time.time = shifted


class EventFile:
    """An observer that writes one line for each event; lines of several processes do not mix."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def observe(self, event: Event) -> None:
        os.write(self._file, msgspec.json.encode({"name": event.name, **msgspec.to_builtins(event)}) + b"\n")


class FarAccounts(SqliteAccounts):
    """A user table that is far away for some: what it says of `far...@` arrives late, perhaps stale."""

    async def by_id(self, user_id: str) -> Account | None:
        account = await super().by_id(user_id)
        if account is not None and account.email.startswith("far"):
            await asyncio.sleep(FAR)
        return account


async def home(request: Request) -> Response:
    return PlainTextResponse("never looked at the session")


async def login_page(request: Request) -> Response:
    return HTMLResponse("<form method=post action=/auth/login></form>")


async def me(request: Request) -> Response:
    session = request.session
    return JSONResponse({"email": session.identity.email, "id": session.id})


async def read_notes(request: Request) -> Response:
    return JSONResponse(dict(request.session))


async def write_notes(request: Request) -> Response:
    """Write, then take a while: `wait` seconds during which others may act."""
    request.session.update(await request.json())
    await asyncio.sleep(float(request.query_params.get("wait", "0")))
    return Response(status_code=int(request.query_params.get("status", "204")))


async def asset(request: Request) -> Response:
    return PlainTextResponse("body{}", headers={"cache-control": "public, max-age=3600"})


async def looked(request: Request) -> Response:
    """An app that asks for the impossible: a public page about a person."""
    who = request.session.identity
    return PlainTextResponse(who.email if who else "nobody", headers={"cache-control": "public, max-age=60"})


async def live(socket: WebSocket) -> None:
    """Keep a socket open until the client goes."""
    await socket.accept()
    async for _ in socket.iter_text():
        pass


async def look_as(request: Request) -> Response:
    """Let an operator look at the app as a user."""
    state = request.app.state
    account = await state.accounts.by_id(request.path_params["user_id"])
    await state.coatcheck.manager.impersonate(request.session, account.identity)
    return Response(status_code=204)


async def operate(request: Request) -> Response:
    """What an operator does, from outside any session: one of a few acts, with its arguments."""
    installation = request.app.state.coatcheck
    users, manager = installation.login.users, installation.manager
    acts = {
        "add": users.add,
        "disable": users.disable,
        "enable": users.enable,
        "remove": users.remove,
        "set_roles": users.set_roles,
        "revoke": manager.revoke,
        "revoke_user": manager.revoke_user,
        "sweep": manager.sweep,
        "unlock": users.unlock,
    }
    arguments = await request.json()
    if "roles" in arguments:
        arguments["roles"] = frozenset(arguments["roles"])
    result = await acts[request.path_params["act"]](**arguments)
    return JSONResponse({"result": msgspec.to_builtins(result)})


ROUTES = [
    Route("/", home),
    Route("/login", login_page),
    Route("/me", me, methods=["GET"]),
    Route("/status", me, methods=["GET"]),
    Route("/admin", me, methods=["GET"]),
    Route("/admin/as/{user_id}", look_as, methods=["POST"]),
    WebSocketRoute("/admin/live", live),
    WebSocketRoute("/live", live),
    Route("/sensitive", me, methods=["GET"]),
    Route("/notes", read_notes, methods=["GET"]),
    Route("/notes", write_notes, methods=["POST"]),
    Route("/assets/{name}", asset),
    Route("/looked", looked),
    Route("/operator/{act}", operate, methods=["POST"]),
]


def create_app():
    """Make the application in a worker process."""
    orders = msgspec.json.decode(os.environ[VARIABLE], type=Orders)
    folder = Path(orders.folder)
    shift_clock(folder / "clock.json")
    app = Starlette(routes=ROUTES)
    manager = SessionManager(
        open_store(f"sqlite:///{folder / 'target.db'}"),
        lifetimes=Lifetimes(),
        observers=[EventFile(folder / "events.jsonl")],
        cap=Cap(orders.cap),
        carry_over=frozenset({"locale"}),
    )
    policies = Policies(
        origins=OriginPolicy(public=orders.public, trusted=frozenset({FRIEND}), bearers=frozenset({SPA})),
        api=ApiPolicy(registration=True),
        tokens=TokenPolicy(issuer=ISSUER, audience=AUDIENCE, others=frozenset({"billing"}), keys="unsealed"),
    )
    accounts = app.state.accounts = FarAccounts(folder / "target.db")
    install(app, manager, rules=RULES, policies=policies, accounts=accounts)
    return _named(app)


def _named(app):
    """Say which worker answered, outside of everything that is under attack."""
    own = str(os.getpid()).encode()

    async def named(scope, receive, send):
        async def send_named(message):
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-worker", own)]}
            await send(message)

        await app(scope, receive, send_named if scope["type"] == "http" else send)

    return named


def main() -> None:
    """Serve until somebody stops it."""
    orders = msgspec.json.decode(os.environ[VARIABLE], type=Orders)
    config = uvicorn.Config(
        "tests.attack.target:create_app",
        factory=True,
        workers=orders.workers,
        ssl_certfile=orders.certfile,
        ssl_keyfile=orders.keyfile,
        proxy_headers=bool(orders.trusted_proxies),
        forwarded_allow_ips=orders.trusted_proxies,
        access_log=False,  # as in the demo: what is logged comes from Coatcheck
        timeout_graceful_shutdown=GRACE,
        h11_max_incomplete_event_size=MAX_HEAD,
    )
    Multiprocess(config, sockets=[socket.socket(fileno=orders.listener)]).run()


if __name__ == "__main__":
    sys.exit(main())
