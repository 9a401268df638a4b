"""For the role admin: users, their live sessions, and what can be done about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from coatcheck.adapters.fastapi import CurrentSession, require_role
from coatcheck.core.identity import Identity
from coatcheck.core.record import Record
from coatcheck.demo.cloakroom import CurrentCloakroom
from coatcheck.demo.pages.flash import flash
from coatcheck.demo.pages.rendering import render, see
from coatcheck.login import Account

MOST_USERS = 100

Admin = Annotated[Identity, Depends(require_role("admin"))]

router = APIRouter(prefix="/admin")


@dataclass(frozen=True, slots=True)
class Row:
    """A user with the sessions they have open."""

    account: Account
    sessions: Sequence[Record]


@router.get("")
async def admin(request: Request, session: CurrentSession, _: Admin, cloakroom: CurrentCloakroom) -> Response:
    """List users and sessions."""
    accounts = await cloakroom.accounts.list(limit=MOST_USERS)
    users = [Row(account, await cloakroom.manager.list(account.user_id)) for account in accounts]
    alive = sum(len(user.sessions) for user in users)
    return render(request, "admin.html", users=users, alive=alive, current=session.id)


@router.post("/users/{user_id}/revoke")
async def sign_out(
    user_id: str, session: CurrentSession, admin: Admin, cloakroom: CurrentCloakroom
) -> Response:
    """End all sessions of a user."""
    keep = session.id if user_id == admin.user_id else None
    count = await cloakroom.manager.revoke_user(user_id, keep=keep, by=admin.user_id)
    flash(session, f"{count} session{'' if count == 1 else 's'} revoked.")
    return see("/admin")


@router.post("/users/{user_id}/disable")
async def disable(
    user_id: str, session: CurrentSession, admin: Admin, cloakroom: CurrentCloakroom
) -> Response:
    """Close an account and end its sessions; nobody locks themselves out."""
    if user_id == admin.user_id:
        flash(session, "You cannot disable your own account.", problem=True)
        return see("/admin")
    outcome = await cloakroom.login.users.disable(user_id, by=admin.user_id)
    flash(session, outcome.sentence or "The account is disabled.", problem=not outcome.ok)
    return see("/admin")


@router.post("/users/{user_id}/enable")
async def enable(user_id: str, session: CurrentSession, _: Admin, cloakroom: CurrentCloakroom) -> Response:
    """Open a disabled account again."""
    outcome = await cloakroom.login.users.enable(user_id)
    flash(session, outcome.sentence or "The account is open again.", problem=not outcome.ok)
    return see("/admin")


@router.post("/sessions/{id}/revoke")
async def revoke(id: str, session: CurrentSession, admin: Admin, cloakroom: CurrentCloakroom) -> Response:
    """End one session of anybody."""
    done = await cloakroom.manager.revoke(id, by=admin.user_id)
    flash(session, "The session is revoked." if done else "It had ended already.", problem=not done)
    return see("/admin")
