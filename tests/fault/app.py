"""The application under fault: four workers, and handlers that do one thing each."""

import os

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from coatcheck import Identity, Lifetimes
from coatcheck.adapters.starlette import Policies, install
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.lifetimes import Rotation
from coatcheck.web import RouteRules, public

VARIABLE = "COATCHECK_FAULT_APP"


class Orders(msgspec.Struct):
    """What the test wants; rotation in seconds, short enough that tokens rotate while things break."""

    url: str
    moving_from: str | None = None
    near: bool = True
    rotation: float = 2.5


def create() -> Starlette:
    orders = msgspec.json.decode(os.environ[VARIABLE], type=Orders)

    async def page(_: Request) -> JSONResponse:
        return JSONResponse({"pid": os.getpid()})

    async def sign_in(request: Request) -> JSONResponse:
        user = Identity(user_id=(await request.json())["user"])
        await installation.manager.begin(request.session, user)
        return JSONResponse({"id": request.session.id})

    async def count(request: Request) -> JSONResponse:
        request.session.increment("n")
        return JSONResponse({})

    async def show(request: Request) -> JSONResponse:
        return JSONResponse({"n": request.session.get("n", 0)})

    async def health(_: Request) -> JSONResponse:
        try:
            await installation.manager.store.load("0" * 32)
        except StoreUnavailable as fault:
            return JSONResponse({"code": fault.code}, 503)
        return JSONResponse({})

    app = Starlette(
        routes=[
            Route("/public", page),
            Route("/sign-in", sign_in, methods=["POST"]),
            Route("/count", count, methods=["POST"]),
            Route("/show", show),
            Route("/healthz", health),
        ]
    )
    installation = install(
        app,
        orders.url,
        rules=RouteRules([public("/public"), public("/sign-in"), public("/healthz", passive=True)]),
        policies=Policies.development(),
        lifetimes=Lifetimes(rotation=Rotation(period=orders.rotation, overlap=0.8, tolerance=0.2), demo=True),
        near=orders.near,
        moving_from=orders.moving_from,
    )
    return app
