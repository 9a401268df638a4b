"""Reading the ledger: what an operator looks for, page by page, the newest first."""

from dataclasses import dataclass

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.ledger import Entry, Ledger, Search
from coatcheck.core.store import Store

MOST_EXAMINED = 20_000  # entries, in which one call looks for a text
_BATCH = 500


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
