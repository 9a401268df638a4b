"""The user's own account: name and password."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from coatcheck.adapters.fastapi import CurrentSession
from coatcheck.demo.cloakroom import CurrentCloakroom
from coatcheck.demo.pages.flash import flash
from coatcheck.demo.pages.query import Asked
from coatcheck.demo.pages.reasons import error_sentence
from coatcheck.demo.pages.rendering import render, see

DONE = {"password": "Your password is changed, and your other browsers are signed out."}

router = APIRouter(prefix="/profile")


@router.get("")
async def profile(request: Request, asked: Asked, cloakroom: CurrentCloakroom) -> Response:
    """Show both forms, and what became of the last one."""
    return render(
        request,
        "profile.html",
        error=error_sentence(cloakroom.login, asked),
        shortest=cloakroom.login.rules.minimum,
        done=DONE.get(asked.done or ""),
    )


@router.post("/name")
async def change_name(
    session: CurrentSession, cloakroom: CurrentCloakroom, name: Annotated[str, Form()] = ""
) -> Response:
    """Change the name, in all sessions of the user."""
    outcome = await cloakroom.login.change_name(session, name)
    flash(session, outcome.sentence or "Your name is saved.", problem=not outcome.ok)
    return see("/profile")
