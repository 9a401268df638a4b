"""People: the user table page by page, one user with their sessions, and what can be done about them."""

from starlette.requests import Request
from starlette.responses import Response

from coatcheck.admin import asked
from coatcheck.admin.desk import Desk
from coatcheck.admin.rendering import render, see
from coatcheck.core.ledger import Entry, Ledger, Search
from coatcheck.watch.explain import moment_of_entry

LIMIT = 50  # accounts on a page
MOST_SESSIONS = 200  # of one user on a page, those seen last
MOST_ENTRIES = 30
NOT_FOUND = 404


async def people(desk: Desk, request: Request) -> Response:
    """List accounts in the order of their addresses."""
    listed = []
    if desk.accounts is not None:
        listed = list(await desk.accounts.list(after=asked.text(request, "after"), limit=LIMIT))
    return render(
        desk,
        request,
        "people.html",
        has_accounts=desk.accounts is not None,
        accounts=listed,
        rest=listed[-1].email if len(listed) == LIMIT else "",
    )


async def person(desk: Desk, request: Request) -> Response:
    """Show one user: facts, live sessions, and what the ledger says of them."""
    user_id = request.path_params["user_id"]
    account = await desk.accounts.by_id(user_id) if desk.accounts is not None else None
    records = await desk.manager.list(user_id)
    entries = await _entries(desk, user_id)
    if account is None and not records and not entries and "said" not in request.query_params:
        return render(desk, request, "missing.html", status=NOT_FOUND, what="user", name=user_id)
    return render(
        desk,
        request,
        "person.html",
        user_id=user_id,
        account=account,
        identity=account.identity if account else records[0].identity if records else None,
        sessions=records[:MOST_SESSIONS],
        total=len(records),
        moments=[moment_of_entry(entry) for entry in entries],
        has_ledger=isinstance(desk.manager.store, Ledger),
        is_me=user_id == request.scope["session"].identity.user_id,
        can_disable=desk.users is not None and account is not None,
        current=request.scope["session"].id,
    )


async def revoke(desk: Desk, request: Request) -> Response:
    """End all sessions of a user; an operator keeps the one they act in."""
    user_id, mine = request.path_params["user_id"], request.scope["session"]
    keep = mine.id if user_id == mine.identity.user_id else None
    count = await desk.manager.revoke_user(user_id, keep=keep, by=mine.identity.user_id)
    return see(request, f"/people/{user_id}", said="signed-out", count=count)


async def disable(desk: Desk, request: Request) -> Response:
    """Close an account and end its sessions; nobody locks themselves out."""
    user_id, by = request.path_params["user_id"], request.scope["session"].identity.user_id
    if user_id == by:
        return see(request, f"/people/{user_id}", said="yourself")
    done = desk.users is not None and (await desk.users.disable(user_id, by=by)).ok
    return see(request, f"/people/{user_id}", said="disabled" if done else "refused")


async def enable(desk: Desk, request: Request) -> Response:
    """Open a disabled account again."""
    user_id, by = request.path_params["user_id"], request.scope["session"].identity.user_id
    done = desk.users is not None and (await desk.users.enable(user_id, by=by)).ok
    return see(request, f"/people/{user_id}", said="enabled" if done else "refused")


async def _entries(desk: Desk, user_id: str) -> list[Entry]:
    store = desk.manager.store
    return await store.find(Search(user_id=user_id), None, MOST_ENTRIES) if isinstance(store, Ledger) else []
