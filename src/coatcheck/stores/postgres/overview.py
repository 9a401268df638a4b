"""The pages of the skill `Overview`: first the ids that may be meant, then their records."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from coatcheck.core.errors import CorruptRecord
from coatcheck.core.overview import LOOKED_AT, Page, Place, Sought
from coatcheck.core.record import Record
from coatcheck.stores.postgres import statements
from coatcheck.stores.postgres.rows import to_record

Fetch = Callable[..., Awaitable[list[Any]]]


async def newest(fetch: Fetch, sought: Sought, place: Place, limit: int) -> Page:
    """Return at most `limit` sessions that began before a place; skips corrupt ones."""
    most = LOOKED_AT if sought.text else limit
    looked_at = await fetch(
        statements.LOOK_FOR_NEWEST, sought.alive_at, place.created_at, place.id, most, sought.text.encode()
    )
    meant = [Place(created_at, id) for id, created_at, may_be_meant in looked_at if may_be_meant][:limit]
    rest = None
    if len(meant) == limit:
        rest = meant[-1]
    elif len(looked_at) == most:
        rest = Place(looked_at[-1][1], looked_at[-1][0])
    return Page(await _load(fetch, meant, sought), rest)


async def _load(fetch: Fetch, places: list[Place], sought: Sought) -> tuple[Record, ...]:
    found: dict[str, Record] = {}
    if places:
        for row in await fetch(statements.LOAD_ALIVE, [place.id for place in places]):
            with suppress(CorruptRecord):
                found[row[0]] = to_record(row)
    records = (found.get(place.id) for place in places)
    return tuple(record for record in records if record is not None and sought.finds(record))
