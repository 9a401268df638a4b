"""A feed for stores that have none: looks at the watched sessions, each in its turn."""

import asyncio
from collections.abc import AsyncGenerator, Collection

from coatcheck.core.errors import CorruptRecord
from coatcheck.core.record import Record
from coatcheck.core.store import Store

PERIOD = 0.5  # seconds between two looks, so that a revocation is seen within one


async def poll(store: Store, watched: Collection[str]) -> AsyncGenerator[tuple[str, ...], None]:
    """Yield the ids among `watched` that changed, as `Feed.feed` does; a first look counts as a change.

    Unlike a feed it tells of touches too, for it goes by the revision.

    Raises:
        StoreUnavailable: The store cannot be read.
    """
    known: dict[str, int] = {}
    yield ()
    while True:
        await asyncio.sleep(PERIOD)
        yield ()
        present = tuple(watched)
        known = {id: known[id] for id in present if id in known}
        for id in present:
            revision = await _revision(store, id)
            changed = known.get(id) != revision
            known[id] = revision
            yield (id,) if changed else ()


async def _revision(store: Store, id: str) -> int:
    """Return the revision of a record; 0 where there is none, which no record has."""
    try:
        found = await store.load(id)
    except CorruptRecord:
        return 0
    return found.rev if isinstance(found, Record) else 0
