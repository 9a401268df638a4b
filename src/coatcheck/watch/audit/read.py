"""Reading the ledger: what an operator looks for, page by page, the newest first."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from dataclasses import dataclass

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.ledger import Entry, Ledger, Search
from coatcheck.core.store import Store

MOST_EXAMINED = 20_000  # entries, in which one call looks for a text
_BATCH = 500
_HELD = 5_000  # entries in memory at once, while chains are merged


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, the newest first.

    Attributes:
        entries: What was found.
        before: Where to go on; None at the end of the ledger.
    """

    entries: list[Entry]
    before: int | None


async def entries(  # noqa: PLR0913 - one for each thing to look for
    store: Store,
    *,
    session_id: str | None = None,
    user_id: str | None = None,
    name: str | None = None,
    text: str | None = None,
    since: float | None = None,
    until: float | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Return entries of the ledger, the newest first; see `search`, which tells where to go on, too."""
    wanted = Search(session_id=session_id, user_id=user_id, name=name, since=since, until=until)
    return (await search(store, wanted, text=text, before=before, limit=limit)).entries


async def search(
    store: Store, wanted: Search, *, text: str | None = None, before: int | None = None, limit: int = 50
) -> Page:
    """Return a page of the ledger.

    Args:
        store: Has the skill `Ledger`.
        wanted: What to look for.
        text: Stands in the entry, in any case. So many as `MOST_EXAMINED` entries are looked through.
        before: `Page.before` of the page before; None for the first.
        limit: At most so many entries.

    Raises:
        ConfigurationError: The store keeps no ledger.
        StoreUnavailable: It cannot be read.
    """
    ledger = require_ledger(store)
    if text is None:
        found = await ledger.find(wanted, before, limit)
        return Page(found, found[-1].place if len(found) == limit else None)
    sought, found, examined = text.casefold(), [], 0
    while batch := await ledger.find(wanted, before, _BATCH):
        for entry in batch:
            before = entry.place
            if sought in entry.text.decode(errors="replace").casefold():
                found.append(entry)
                if len(found) == limit:
                    return Page(found, before)
        examined += len(batch)
        if examined >= MOST_EXAMINED:
            return Page(found, before)
    return Page(found, None)


async def everything(store: Store, wanted: Search) -> AsyncIterator[Entry]:
    """Yield all entries that are looked for, the oldest first; raises like `search`."""
    ledger = require_ledger(store)
    heads = await ledger.heads()
    batch = max(1, _HELD // max(1, len(heads)))
    streams = [_along(ledger, head.chain, batch) for head in heads]
    following = [(entry.place, entry, stream) for stream in streams if (entry := await anext(stream, None))]
    heapq.heapify(following)
    while following:
        _, entry, stream = following[0]
        if wanted.matches(entry):
            yield entry
        if after := await anext(stream, None):
            heapq.heapreplace(following, (after.place, after, stream))
        else:
            heapq.heappop(following)


async def _along(ledger: Ledger, chain: str, batch: int) -> AsyncIterator[Entry]:
    after = 0
    while page := await ledger.chain(chain, after, batch):
        for entry in page:
            yield entry
        after = page[-1].seq


async def follow(store: Store, *, pause: float = 1.0) -> AsyncIterator[Entry]:
    """Yield entries as they arrive, for as long as somebody listens; looks every `pause` seconds."""
    ledger = require_ledger(store)
    seen = {entry.place for entry in await ledger.find(Search(), None, _BATCH)}
    while True:
        await asyncio.sleep(pause)
        # Some come late into places before others: PostgreSQL gives them out before the commit.
        newest = await _down_to(ledger, min(seen, default=0))
        for entry in reversed(newest):
            if entry.place not in seen:
                yield entry
        seen = {entry.place for entry in newest[:_BATCH]}


async def _down_to(ledger: Ledger, place: int) -> list[Entry]:
    """Return all entries from a place on, the newest first."""
    found: list[Entry] = []
    before: int | None = None
    while page := await ledger.find(Search(), before, _BATCH):
        found += page
        before = page[-1].place
        if before <= place:
            break
    return [entry for entry in found if entry.place >= place]


def require_ledger(store: Store) -> Ledger:
    """Return the store as a keeper of the ledger.

    Raises:
        ConfigurationError: It is none.
    """
    if not isinstance(store, Ledger):
        raise ConfigurationError(
            f"{type(store).__name__} keeps no audit ledger",
            remedy="Use memory, SQLite, PostgreSQL or Redis, or give your store the skill Ledger",
        )
    return store
