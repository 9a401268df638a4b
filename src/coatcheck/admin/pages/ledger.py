"""The audit ledger: searched by kind, session, user, time and text."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from coatcheck.admin.desk import Desk
from coatcheck.admin.rendering import render
from coatcheck.core.events.wire import EVENTS
from coatcheck.core.ledger import Ledger, Search
from coatcheck.watch.audit.read import Page, search
from coatcheck.watch.explain import moment_of

LIMIT = 50


async def ledger(desk: Desk, request: Request) -> Response:
    """Search the ledger."""
    query, store = request.query_params, desk.manager.store
    before, text = query.get("before", ""), query.get("q", "").strip()
    page = Page([], None)
    if isinstance(store, Ledger):
        wanted = Search(
            name=query.get("name") or None,
            session_id=query.get("session", "").strip() or None,
            user_id=query.get("user", "").strip() or None,
            since=_moment(query.get("since", "")),
            until=_moment(query.get("until", "")),
        )
        page = await search(
            store, wanted, text=text or None, before=int(before) if before.isdecimal() else None, limit=LIMIT
        )
    return render(
        desk,
        request,
        "ledger.html",
        entries=[(entry, moment_of(entry.body)) for entry in page.entries if entry.event is not None],
        rest=page.before or "",
        has_ledger=isinstance(store, Ledger),
        names=sorted(EVENTS),
    )


def _moment(text: str) -> float | None:
    """Read what a browser sends of a date and time, in UTC; None where it is none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
