"""Signing everybody out: asked for with a word that nobody types by mistake."""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from coatcheck.admin.desk import Desk
from coatcheck.admin.rendering import render, see

WORD = "everyone"


async def everyone(desk: Desk, request: Request) -> Response:
    """Ask for the word, or show how far it has come."""
    return render(
        desk,
        request,
        "everyone.html",
        walk=await desk.everyone.progress(),
        is_possible=desk.everyone.is_possible,
        alive=(await desk.board.figures()).alive,
        word=WORD,
    )


async def begin(desk: Desk, request: Request) -> Response:
    """Begin, if the word is right."""
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    if WORD not in form.get("word", []):
        return see(request, "/everyone", said="unconfirmed")
    mine = request.scope["session"]
    begun = await desk.everyone.begin(by=mine.identity.user_id, keep=mine.id)
    return see(request, "/everyone", said="everyone" if begun else "busy")


async def progress(desk: Desk, _: Request) -> Response:
    """Tell a script how far it has come."""
    walk = await desk.everyone.progress()
    told = {"share": walk.share, "ended": walk.ended, "done": not walk.is_under_way}
    return JSONResponse(told, headers={"cache-control": "no-store"})
