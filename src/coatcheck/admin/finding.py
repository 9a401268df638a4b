"""What somebody means who types something into the search box."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from coatcheck.admin.desk import Desk
from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.overview import NEWEST, Overview, Page, Place, Sought
from coatcheck.core.record import Record, Tombstone
from coatcheck.watch.explain import find_ids

LIMIT = 50  # sessions on a page
PATIENCE = 0.25  # seconds after which a search says how far it has come


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        text: What was sought; empty for everything.
        sessions: Live sessions, the newest first.
        rest: Where to go on; None where there is nothing more.
        named: Sessions that the text names by id, its beginning or a support code, ended ones too.
        people: User ids that the text names, by id or by address.
    """

    text: str
    sessions: list[Record] = field(default_factory=list)
    rest: Place | None = None
    named: list[Record | Tombstone] = field(default_factory=list)
    people: list[str] = field(default_factory=list)

    @property
    def is_unfinished(self) -> bool:
        """The search stopped for the time it took, and not because a page was full."""
        return self.rest is not None and len(self.sessions) < LIMIT


async def find(desk: Desk, text: str, place: Place = NEWEST, clock: Clock | None = None) -> Found:
    """Return what a text may mean: the sessions and people it names, and those in which it occurs.

    Raises:
        StoreUnavailable: The store cannot be read.
    """
    named: list[Record | Tombstone] = []
    people: list[str] = []
    if text and place == NEWEST:
        named = await _load(desk, await find_ids(desk.manager.store, text))
        people = await _people(desk, text)
    page = await _walk(desk, text, place, clock or SystemClock())
    return Found(text, list(page.records), page.rest, named, people)


async def _walk(desk: Desk, text: str, place: Place, clock: Clock) -> Page:
    """Look for sessions until a page is full, nothing is left, or it took too long."""
    store = desk.manager.store
    if not isinstance(store, Overview):
        return Page(())
    sought, began = Sought(desk.manager.now(), text), clock.now()
    shown: list[Record] = []
    rest: Place | None = place
    while rest is not None and len(shown) < LIMIT and clock.now() - began < PATIENCE:
        page = await store.newest(sought, rest, LIMIT - len(shown))
        shown += page.records
        rest = page.rest
    return Page(tuple(shown), rest)


async def _load(desk: Desk, ids: Sequence[str]) -> list[Record | Tombstone]:
    found: list[Record | Tombstone] = []
    for id in ids:
        with suppress(CorruptRecord):
            if (row := await desk.manager.store.load(id)) is not None:
                found.append(row)
    return found


async def _people(desk: Desk, text: str) -> list[str]:
    found: dict[str, None] = {}
    if desk.accounts is not None:
        account = await desk.accounts.by_email(text) if "@" in text else await desk.accounts.by_id(text)
        if account is not None:
            found[account.user_id] = None
    if (await desk.manager.store.user(text)).ids:
        found[text] = None
    return list(found)
