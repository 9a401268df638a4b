"""The audit ledger: searched by kind, session, user, time and text."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from coatcheck.admin import asked
from coatcheck.admin.desk import Desk
from coatcheck.admin.rendering import render
from coatcheck.core.events.wire import EVENTS
from coatcheck.core.ledger import Ledger, Search
from coatcheck.watch.audit.read import Page, search
from coatcheck.watch.audit.statements import STATEMENTS
from coatcheck.watch.explain import moment_of_entry

LIMIT = 50


async def ledger(desk: Desk, request: Request) -> Response:
    """Search the ledger."""
    store = desk.manager.store
    page = Page([], None)
    if isinstance(store, Ledger):
        wanted = Search(
            name=asked.text(request, "name") or None,
            session_id=asked.text(request, "session") or None,
            user_id=asked.text(request, "user") or None,
            since=_moment(asked.text(request, "since")),
            until=_moment(asked.text(request, "until")),
        )
        sought = asked.text(request, "q") or None
        page = await search(store, wanted, text=sought, before=asked.place(request), limit=LIMIT)
    return render(
        desk,
        request,
        "ledger.html",
        entries=[(entry, moment_of_entry(entry)) for entry in page.entries if entry.name not in STATEMENTS],
        known=await _known(desk, {entry.user_id for entry in page.entries if entry.user_id}),
        rest=page.before or "",
        has_ledger=isinstance(store, Ledger),
        names=sorted(EVENTS),
    )


async def _known(desk: Desk, user_ids: set[str]) -> dict[str, str]:
    """Return what those users are called who have an account here."""
    if desk.accounts is None:
        return {}
    accounts = [await desk.accounts.by_id(user_id) for user_id in user_ids]
    return {account.user_id: account.name or account.email for account in accounts if account is not None}


def _moment(text: str) -> float | None:
    """Read what a browser sends of a date and time, in UTC; None where it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
