"""The Coatcheck server behind the Next.js example: python server.py, and the pages beside it with npm."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import uvicorn
from fastapi import Body, FastAPI

from coatcheck import Lifetimes
from coatcheck.adapters.fastapi import CurrentSession, Policies, install
from coatcheck.core.entropy import SystemEntropy
from coatcheck.core.lifetimes import Rotation
from coatcheck.login.passphrase import generate
from coatcheck.web import OriginPolicy, RouteRules, protected
from coatcheck.web.api import ApiPolicy

USERS = {"ada@example.test": ("Ada Lovelace", frozenset()), "grace@example.test": ("Grace Hopper", {"admin"})}


@asynccontextmanager
async def two_users(app: FastAPI) -> AsyncIterator[None]:
    for email, (name, roles) in USERS.items():
        password = generate(SystemEntropy())
        await app.state.coatcheck.login.users.add(email, password, name=name, roles=frozenset(roles))
        print(f"{app.state.url}: sign in as {email} with {password}", flush=True)
    yield


def create_app(database: str, lifetimes: Lifetimes, url: str) -> FastAPI:
    app = FastAPI(lifespan=two_users)
    app.state.url = url
    own = {
        # What people see is the front end's origin, whatever `Host` it uses to reach this server.
        "origins": OriginPolicy(public=url),
        "api": ApiPolicy(registration=True, exposed=frozenset({"about"})),
    }
    # Plain http is for one machine; in front of https the cookie is `__Host-session`.
    policies = Policies(**own) if url.startswith("https://") else Policies.development(**own)
    rules = RouteRules([protected("/api/members", roles={"admin"})], home_path="/dashboard")
    coatcheck = install(app, database, rules=rules, policies=policies, lifetimes=lifetimes)

    @app.put("/api/about")
    async def write_about(
        session: CurrentSession, about: Annotated[str, Body(embed=True, max_length=200)]
    ) -> None:
        session["about"] = about

    @app.get("/api/members")
    async def members() -> list[dict[str, Any]]:
        return [
            {
                "id": account.user_id,
                "name": account.name,
                "email": account.email,
                "sessions": len(await coatcheck.manager.list(account.user_id)),
            }
            for account in await coatcheck.accounts.list()
        ]

    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--url", default="http://127.0.0.1:3000", help="the front end, as browsers see it")
    parser.add_argument("--idle", type=float, default=1800, help="seconds without activity; try 150")
    parser.add_argument("--warning", type=float, default=120, help="seconds before the end to warn at")
    parser.add_argument("--rotate", type=float, default=900, help="seconds until a token is replaced")
    chosen = parser.parse_args()
    lifetimes = Lifetimes(
        idle=chosen.idle,
        warning=chosen.warning,
        touch_interval=min(60, chosen.idle / 10),
        rotation=Rotation(period=chosen.rotate, overlap=min(10, chosen.rotate / 5), tolerance=0),
        demo=True,  # a real application lets nobody choose a warning too short to read
    )
    with TemporaryDirectory() as folder:
        app = create_app(f"sqlite:///{folder}/cloakroom.db", lifetimes, chosen.url)
        # The front end on this machine is the only one whose word on addresses and https counts.
        uvicorn.run(
            app,
            port=chosen.port,
            log_level="warning",
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1",
            # Whoever hands requests on must be the first to close an idle connection: a POST that comes upon
            # one just closed is lost. Node closes after five seconds, as uvicorn does unless told otherwise.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )


if __name__ == "__main__":
    main()
