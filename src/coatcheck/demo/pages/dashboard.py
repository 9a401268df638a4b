"""What this session is, and what it holds."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from markupsafe import Markup

from coatcheck.adapters.fastapi import CurrentSession
from coatcheck.admin.wording import moment
from coatcheck.core.chain import Standing
from coatcheck.core.record import Record
from coatcheck.core.session import Session
from coatcheck.demo.cloakroom import Cloakroom, CurrentCloakroom
from coatcheck.demo.pages.flash import flash
from coatcheck.demo.pages.rendering import render, see

MOST_THINGS = 12
LONGEST_THING = 60
LONGEST_NOTE = 2_000

router = APIRouter(prefix="/dashboard")


@router.get("")
async def dashboard(request: Request, session: CurrentSession, cloakroom: CurrentCloakroom) -> Response:
    """Show the session, its deadlines and its data; count the visit."""
    session.increment("visits")
    now = cloakroom.manager.now()
    # Opening this page is activity, so the deadlines shown are those after it.
    record = session.record and (session.record.touched(now) or session.record)
    return render(
        request,
        "dashboard.html",
        session=record,
        idle_left=max(0.0, record.expires_at - now) if record else 0.0,
        number=record.chain.generation + _has_changed(session) if record else 0,
        next_change=_next_change(session, record, cloakroom) if record else "",
        absolute_left=max(0.0, record.absolute_at - now) if record else 0.0,
        pockets=session.get("pockets", []),
        note=session.get("note", ""),
        longest_note=LONGEST_NOTE,
        visits=session["visits"],
    )


def _has_changed(session: Session[Any]) -> bool:
    """Tell whether this request brought the next token, which becomes the current one when it closes."""
    return session.admission.standing is Standing.NEXT


def _next_change(session: Session[Any], record: Record, cloakroom: Cloakroom) -> Markup | str:
    """Say when the cookie changes: with the first page opened after the rotation period."""
    now, period = cloakroom.manager.now(), cloakroom.manager.lifetimes.rotation.period
    due = (now if _has_changed(session) else record.chain.committed_at) + period
    return moment(due, period) if due > now else "with the next page"


@router.post("/pockets")
async def fill(session: CurrentSession, thing: Annotated[str, Form()] = "") -> Response:
    """Keep one more thing in the session."""
    pockets = session.setdefault("pockets", [])
    if len(pockets) >= MOST_THINGS:
        flash(session, "The pockets are full.", problem=True)
    elif thing.strip():
        pockets.append(thing.strip()[:LONGEST_THING])
    return see("/dashboard")


@router.post("/pockets/empty")
async def empty(session: CurrentSession) -> Response:
    """Forget everything in the pockets."""
    session.pop("pockets", None)
    return see("/dashboard")


@router.post("/note")
async def write(session: CurrentSession, note: Annotated[str, Form()] = "") -> Response:
    """Keep a longer text: the one that hurts when a session ends while it is typed."""
    session["note"] = note[:LONGEST_NOTE]
    flash(session, "Your note is saved.")
    return see("/dashboard")
