"""Sessions: a list that is searched and paged, one with its life, and ending it."""

from math import isfinite

from starlette.requests import Request
from starlette.responses import Response

from coatcheck.admin import asked
from coatcheck.admin.desk import Desk
from coatcheck.admin.finding import find
from coatcheck.admin.rendering import render, see
from coatcheck.core.overview import NEWEST, Overview, Place
from coatcheck.core.record import Record
from coatcheck.core.token import is_session_id
from coatcheck.watch.explain import explain

NOT_FOUND = 404


async def sessions(desk: Desk, request: Request) -> Response:
    """List live sessions, the newest first, or what a text finds."""
    place = _place(asked.text(request, "before"))
    found = await find(desk, asked.text(request, "q"), place)
    return render(
        desk,
        request,
        "sessions.html",
        found=found,
        is_first=place == NEWEST,
        can_list=isinstance(desk.manager.store, Overview),
        rest=_text(found.rest) if found.rest else "",
        current=request.scope["session"].id,
    )


async def session(desk: Desk, request: Request) -> Response:
    """Tell one session's life."""
    id = request.path_params["id"]
    now, tolerance = desk.manager.now(), desk.manager.lifetimes.rotation.tolerance
    life = await explain(desk.manager.store, id, now, tolerance) if is_session_id(id) else None
    if life is None or not life.is_known:
        return render(desk, request, "missing.html", status=NOT_FOUND, what="session", name=id)
    record = life.row if isinstance(life.row, Record) else None
    return render(
        desk,
        request,
        "session.html",
        life=life,
        record=record,
        is_alive=record is not None and not record.has_expired(now, tolerance),
        is_mine=id == request.scope["session"].id,
    )


async def revoke(desk: Desk, request: Request) -> Response:
    """End one session."""
    id = request.path_params["id"]
    done = await desk.manager.revoke(id, by=request.scope["session"].identity.user_id)
    return see(request, f"/sessions/{id}", said="revoked" if done else "over")


def _text(place: Place) -> str:
    return f"{place.created_at!r}-{place.id}"


def _place(text: str) -> Place:
    """Return the place that an address names; the beginning where it names none."""
    at, _, id = text.partition("-")
    try:
        began = float(at)
    except ValueError:
        return NEWEST
    return Place(began, id) if isfinite(began) and is_session_id(id) else NEWEST
