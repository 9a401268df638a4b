"""Keys and health: what works behind the sessions."""

from starlette.requests import Request
from starlette.responses import Response

from coatcheck.admin.desk import Desk
from coatcheck.admin.health import examine
from coatcheck.admin.keyring import shown
from coatcheck.admin.rendering import render


async def keys(desk: Desk, request: Request) -> Response:
    """List the keys that sign access tokens, and what each is good for now."""
    return render(
        desk,
        request,
        "keys.html",
        has_keys=desk.keys is not None,
        keys=await shown(desk.keys, desk.manager.now()) if desk.keys is not None else [],
    )


async def health(desk: Desk, request: Request) -> Response:
    """Show how the store fares."""
    return render(
        desk,
        request,
        "health.html",
        health=await examine(desk.manager),
        lifetimes=desk.manager.lifetimes,
        staleness=desk.manager.staleness,
    )
