"""Alarms: what rules and the protocol itself noticed, with the evidence."""

import heapq
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from coatcheck.admin import asked
from coatcheck.admin.desk import Desk
from coatcheck.admin.rendering import render
from coatcheck.core.ledger import Entry, Ledger, Search
from coatcheck.watch.explain import Moment, moment_of_entry
from coatcheck.watch.words import ALARMS

LIMIT = 50


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm: what happened, in which session, and to whom."""

    moment: Moment
    session_id: str | None
    user_id: str | None
    place: int


async def alarms(desk: Desk, request: Request) -> Response:
    """List alarms, the newest first."""
    listed = await latest(desk, LIMIT, asked.place(request))
    return render(
        desk,
        request,
        "alarms.html",
        alarms=listed,
        rest=listed[-1].place if len(listed) == LIMIT else "",
        has_ledger=isinstance(desk.manager.store, Ledger),
    )


async def latest(desk: Desk, limit: int, before: int | None = None) -> list[Alarm]:
    """Return alarms from the ledger, the newest first; none where no ledger is kept.

    Raises:
        StoreUnavailable: The store cannot be read.
    """
    store = desk.manager.store
    if not isinstance(store, Ledger):
        return []
    found: list[Entry] = []
    for name in ALARMS:
        found += await store.find(Search(name=name), before, limit)
    newest = heapq.nlargest(limit, found, key=lambda entry: entry.place)
    return [Alarm(moment_of_entry(entry), entry.session_id, entry.user_id, entry.place) for entry in newest]
