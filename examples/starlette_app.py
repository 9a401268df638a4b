"""A small shop: run it with `uvicorn starlette_app:app`, and add a user with `coatcheck users add`."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from coatcheck.adapters.starlette import Policies, install
from coatcheck.web import RouteRules, protected, public


async def home(_: Request) -> Response:
    return PlainTextResponse("Everybody may come. Sign in with POST /auth/login.")


async def cart(request: Request) -> Response:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JSONResponse(request.session["visits"])


async def admin(_: Request) -> Response:
    return PlainTextResponse("You are an admin.")


app = Starlette(routes=[Route("/", home), Route("/cart", cart), Route("/admin", admin)])
rules = RouteRules([public("/", exact=True), protected("/admin", roles={"admin"})])
# For plain http on this machine; leave `policies` out where there is https.
install(app, "sqlite:///coatcheck.db", rules=rules, policies=Policies.development())
