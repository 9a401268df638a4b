"""A notebook: a page of React and the API behind it. Build the page with npm, then: python server.py"""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import uvicorn
from fastapi import Body, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from coatcheck import Lifetimes
from coatcheck.adapters.fastapi import CurrentSession, Policies, install
from coatcheck.core.entropy import SystemEntropy
from coatcheck.login.passphrase import generate
from coatcheck.web import RouteRules, public

DIST = Path(__file__).with_name("dist")
EMAIL = "ada@example.test"
# Everything that the page needs comes from here, and nothing may write HTML from strings.
CSP = "default-src 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"


@asynccontextmanager
async def one_user(app: FastAPI) -> AsyncIterator[None]:
    password = generate(SystemEntropy())
    await app.state.coatcheck.login.users.add(EMAIL, password, name="Ada Lovelace")
    print(f"{app.state.url}: sign in as {EMAIL} with {password}", flush=True)
    yield


def create_app(database: str, lifetimes: Lifetimes, dist: Path = DIST) -> FastAPI:
    app = FastAPI(lifespan=one_user)
    # Whatever is not declared public needs a signed-in user: `/` and `/api` do.
    rules = RouteRules([public("/assets")])
    install(app, database, rules=rules, policies=Policies.development(), lifetimes=lifetimes)

    @app.get("/")
    @app.get("/login")
    async def page() -> FileResponse:
        return FileResponse(dist / "index.html", headers={"Content-Security-Policy": CSP})

    @app.get("/api/note")
    async def read_note(session: CurrentSession) -> str:
        return session.get("note", "")

    @app.put("/api/note")
    async def write_note(session: CurrentSession, note: Annotated[str, Body(max_length=10_000)]) -> None:
        session["note"] = note

    app.mount("/assets", StaticFiles(directory=dist / "assets"))
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--dist", type=Path, default=DIST, help="where the built page is")
    parser.add_argument("--idle", type=float, default=1800, help="seconds without activity; try 150")
    parser.add_argument("--absolute", type=float, default=43200, help="seconds that a session lasts at most")
    parser.add_argument("--warning", type=float, default=120, help="seconds before the end to warn at")
    chosen = parser.parse_args()
    lifetimes = Lifetimes(
        idle=min(chosen.idle, chosen.absolute),
        absolute=chosen.absolute,
        warning=chosen.warning,
        touch_interval=min(60, chosen.idle / 10, chosen.absolute / 10),
        demo=True,  # a real application lets nobody choose a warning too short to read
    )
    with TemporaryDirectory() as folder:
        app = create_app(f"sqlite:///{folder}/notebook.db", lifetimes, chosen.dist)
        app.state.url = f"http://127.0.0.1:{chosen.port}"
        # Live streams never end by themselves: at Ctrl-C they get a second.
        uvicorn.run(app, port=chosen.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
