"""The user's sessions: see them, end one or all others, after a recent password (ASVS 7.5.2)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from coatcheck.adapters.fastapi import CurrentSession, require_user
from coatcheck.core.identity import Identity
from coatcheck.demo.cloakroom import CurrentCloakroom
from coatcheck.demo.pages.flash import flash
from coatcheck.demo.pages.query import Asked
from coatcheck.demo.pages.reasons import error_sentence
from coatcheck.demo.pages.rendering import render, see
from coatcheck.web import safe_target
from coatcheck.web.api import ApiPolicy

RECENT = ApiPolicy().recent  # seconds: one's own sessions are ended alike on this page and over HTTP
CONFIRM = "/settings/confirm"

User = Annotated[Identity, Depends(require_user)]

router = APIRouter(prefix="/settings")


@router.get("")
async def settings(
    request: Request, session: CurrentSession, user: User, cloakroom: CurrentCloakroom
) -> Response:
    """Show every live session, this browser's first, and the mail about them."""
    sessions = await cloakroom.manager.list(user.user_id)
    sessions.sort(key=lambda record: record.id != session.id)
    letters = await cloakroom.mailbox.letters(user.user_id)
    return render(request, "settings.html", sessions=sessions, current=session.id, letters=letters)


@router.post("/sessions/{id}/revoke")
async def revoke(id: str, session: CurrentSession, user: User, cloakroom: CurrentCloakroom) -> Response:
    """End one of the user's own sessions."""
    if await cloakroom.manager.revoke(id, user_id=user.user_id):
        flash(session, "That browser is signed out.")
    else:
        flash(session, "That session had ended already.", problem=True)
    return see("/settings")


@router.post("/sessions/revoke-others")
async def revoke_others(session: CurrentSession, user: User, cloakroom: CurrentCloakroom) -> Response:
    """End every session of the user but this one."""
    count = await cloakroom.manager.revoke_user(user.user_id, keep=session.id)
    flash(session, f"{count} other session{'' if count == 1 else 's'} signed out.")
    return see("/settings")


@router.get("/confirm")
async def confirm(request: Request, asked: Asked, cloakroom: CurrentCloakroom) -> Response:
    """Ask for the password; the library's own API takes the answer."""
    return render(
        request,
        "confirm.html",
        next=safe_target(asked.next, "/settings"),
        recent=RECENT,
        error=error_sentence(cloakroom.login, asked),
    )
