"""An API on one origin and a page on another: the page bundles the client that bears tokens."""

import contextlib
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from coatcheck import Lifetimes
from coatcheck.adapters.fastapi import CurrentSession, Policies, install
from coatcheck.core.lifetimes import Rotation
from coatcheck.tokens import TokenPolicy
from coatcheck.web import OriginPolicy
from tests.browser.node import ENVIRONMENT
from tests.house import ROOT

EMAIL, PASSWORD = "ada@example.test", "lusab-babad-gutih-tugad"
BUNDLE = """
import { bundle } from "./scripts/bundle.js";
process.stdout.write(
  await bundle("packages/client/src/bearer/index.ts", { format: "iife", globalName: "coatcheck" }));
"""
WAIT = 10.0  # seconds


@dataclass(frozen=True)
class Shop:
    """Where the API is, where the page that may use it is, and where the same page is that may not."""

    api: str
    page: str
    other_page: str


def bundle() -> str:
    """Return the client as a script."""
    command = ["node", "--input-type=module", "-e", BUNDLE]
    done = subprocess.run(
        command, cwd=ROOT / "client", env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def create_app(database: Path, page: str) -> FastAPI:
    """Make an API that says who is signed in; refresh tokens have no overlap, so that no test waits."""

    @contextlib.asynccontextmanager
    async def one_user(app: FastAPI):
        await app.state.coatcheck.login.users.add(EMAIL, PASSWORD, name="Ada")
        yield

    app = FastAPI(lifespan=one_user)
    policies = Policies.development(
        origins=OriginPolicy(bearers=frozenset({page})),
        tokens=TokenPolicy(issuer="https://app.test", audience="shop", keys="unsealed"),
    )
    lifetimes = Lifetimes(rotation=Rotation(overlap=0, tolerance=0))
    install(app, f"sqlite:///{database}", policies=policies, lifetimes=lifetimes)

    @app.get("/me")
    async def me(session: CurrentSession) -> dict[str, str]:
        return {"name": session.identity.name}

    return app


@contextlib.contextmanager
def running_shop(folder: Path) -> Iterator[Shop]:
    """Serve both, each by a thread of its own."""
    content = f"<!doctype html><title>Shop</title><script>{bundle()}</script>".encode()

    class PageHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    pages = ThreadingHTTPServer(("127.0.0.1", 0), PageHandler)
    page = f"http://localhost:{pages.server_port}"  # another site than 127.0.0.1
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(folder / "shop.db", page), log_level="warning"))
    threads = [
        threading.Thread(target=pages.serve_forever),
        threading.Thread(target=server.run, kwargs={"sockets": [listener]}),
    ]
    for thread in threads:
        thread.start()
    try:
        yield Shop(
            f"http://127.0.0.1:{listener.getsockname()[1]}", page, page.replace("localhost", "127.0.0.1")
        )
    finally:
        server.should_exit = True
        pages.shutdown()
        pages.server_close()
        for thread in threads:
            thread.join(WAIT)
