"""The pages for everybody: landing, sign-in, registration, forgotten password."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from coatcheck.adapters.fastapi import CurrentSession
from coatcheck.demo.cloakroom import CurrentCloakroom
from coatcheck.demo.pages.query import Asked
from coatcheck.demo.pages.reasons import error_sentence, reason_sentence, support_code_of
from coatcheck.demo.pages.rendering import render
from coatcheck.demo.typed import take_typed
from coatcheck.web import safe_target

router = APIRouter()


@router.get("/")
async def landing(request: Request) -> Response:
    """Say what this is."""
    return render(request, "landing.html")


@router.get("/login")
async def login(
    request: Request, session: CurrentSession, asked: Asked, cloakroom: CurrentCloakroom
) -> Response:
    """Show the form, and why the visitor was sent here."""
    return render(
        request,
        "login.html",
        next=safe_target(asked.next, "/dashboard"),
        typed=take_typed(session),
        reason=reason_sentence(asked),
        support_code=support_code_of(asked),
        error=error_sentence(cloakroom.login, asked),
    )


@router.get("/register")
async def register(
    request: Request, session: CurrentSession, asked: Asked, cloakroom: CurrentCloakroom
) -> Response:
    """Show the form."""
    return render(
        request,
        "register.html",
        typed=take_typed(session),
        error=error_sentence(cloakroom.login, asked),
        shortest=cloakroom.login.rules.minimum,
    )


@router.get("/forgot-password")
async def forgot_form(request: Request) -> Response:
    """Show the form."""
    return render(request, "forgot.html", asked=None)


@router.post("/forgot-password")
async def forgot(request: Request, email: Annotated[str, Form()] = "") -> Response:
    """Say what would happen, in the same words for every address: no account is looked up (A58)."""
    return render(request, "forgot.html", asked=email.strip()[:254] or "EMAIL")
