"""A session's life as a timeline: from what is stored of it, and from the ledger where one is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from coatcheck.core.errors import CorruptRecord
from coatcheck.core.events import Event, SessionCreated, SessionOver, SessionReauthenticated, SessionRotated
from coatcheck.core.ledger import Entry, Ledger, Search
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Scan, Store
from coatcheck.core.support import id_prefix
from coatcheck.core.token import is_session_id
from coatcheck.watch import words

MOST = 500  # entries of one life that are told, the latest
SAME = 2.0  # seconds within which the store and the ledger tell of the same moment
LEAST_PREFIX = 4  # characters of an id that are enough to look for it


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of a life.

    Attributes:
        at: Seconds since the epoch.
        title: What happened.
        weight: How much that weighs.
        details: What else there is to say, as names with texts.
        actor: Who did it, where it was somebody else.
        name: The event's name; empty where the store alone tells of it.
    """

    at: float
    title: str
    weight: words.Weight = "plain"
    details: Sequence[tuple[str, str]] = ()
    actor: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of a session.

    Attributes:
        id: Its id.
        row: What is stored: alive or ended; None if nothing is left of it, or it cannot be read.
        moments: Its life, from the beginning.
        from_ledger: A ledger is kept, so the moments are more than what the record says.
    """

    id: str
    row: Record | Tombstone | None
    moments: list[Moment] = field(default_factory=list)
    from_ledger: bool = False

    @property
    def is_known(self) -> bool:
        """Something is known of it."""
        return self.row is not None or bool(self.moments)


async def find_ids(store: Store, text: str, limit: int = 20) -> list[str]:
    """Return the ids of sessions that a person may mean: by id, by its beginning, or by support code.

    Raises:
        StoreUnavailable: The store cannot be read.
    """
    sought = text.strip().lower()
    if is_session_id(sought):
        return [sought]
    prefixes = [prefix for prefix in (id_prefix(text), sought if _is_prefix(sought) else None) if prefix]
    if not isinstance(store, Scan):
        return []
    found: dict[str, None] = {}
    for prefix in prefixes:
        rows = await store.scan(prefix, limit)
        found.update(dict.fromkeys(row.id for row in rows if row.id.startswith(prefix)))
    return list(found)[:limit]


async def explain(store: Store, id: str, now: float, tolerance: float) -> Life:
    """Return what is known of a session at `now` (seconds since the epoch).

    It has expired where `Record.has_expired` says so, which allows clocks a tolerance in seconds.

    Raises:
        StoreUnavailable: The store cannot be read.
    """
    try:
        row = await store.load(id)
    except CorruptRecord:
        row = None
    entries: list[Entry] = []
    if isinstance(store, Ledger):
        entries = await store.find(Search(session_id=id), None, MOST)
    told = [moment_of_entry(entry) for entry in reversed(entries)]
    known = [moment for moment in _stored(row, now, tolerance) if not _is_told(moment, told)]
    moments = sorted([*told, *known], key=lambda moment: moment.at)
    return Life(id, row, moments, isinstance(store, Ledger))


def moment_of(body: Mapping[str, Any]) -> Moment:
    """Return the moment that an event is, as `describe` tells it."""
    device = body.get("device") or {}
    details = words.details(body)
    if device.get("label"):
        details.insert(0, ("device", f"{device['label']}, {device.get('ip') or 'no address'}"))
    return Moment(
        at=float(body.get("at", 0.0)),
        title=words.title(body),
        weight=words.weight(body),
        details=details,
        actor=body.get("actor"),
        name=str(body.get("event", "")),
    )


def moment_of_entry(entry: Entry) -> Moment:
    """Return the moment that an entry of the ledger tells of; an alarm where it cannot be read."""
    try:
        return moment_of(entry.body)
    except (msgspec.DecodeError, AttributeError, TypeError, ValueError):
        # Somebody has damaged it: its text is no JSON, or its fields are none that `describe` writes.
        return Moment(entry.at, "An entry of the ledger that cannot be read", "alarm", name=entry.name)


def _stored(row: Record | Tombstone | None, now: float, tolerance: float) -> list[Moment]:
    if row is None:
        return []
    if isinstance(row, Tombstone):
        return [_as_told(SessionOver, row.at, reason=row.reason)]
    device = {"label": row.device.label, "ip": row.device.ip}
    moments = [_as_told(SessionCreated, row.created_at, device=device)]
    identity = row.identity
    if identity is not None and identity.auth_time > row.created_at + SAME:
        moments.append(_as_told(SessionReauthenticated, identity.auth_time))
    if row.chain.committed_at > row.created_at + SAME:
        moments.append(_as_told(SessionRotated, row.chain.committed_at, generation=row.chain.generation))
    if row.last_seen_at > row.created_at:
        moments.append(Moment(row.last_seen_at, "Last seen active"))
    if row.has_expired(now, tolerance):
        why = words.REASONS[row.timeout]
        moments.append(Moment(row.expires_at, "Session expired", details=[("reason", why)]))
    return moments


def _as_told(kind: type[Event], at: float, **facts: object) -> Moment:
    """Return a moment that is stored in the words for the event that it was."""
    return moment_of({"event": kind.name, "at": at, **facts})


def _is_told(known: Moment, told: Sequence[Moment]) -> bool:
    """Tell whether the ledger tells of a moment that is stored: with its own words, and more of it."""
    return any(known.name == each.name and abs(known.at - each.at) <= SAME for each in told)


def _is_prefix(text: str) -> bool:
    return len(text) >= LEAST_PREFIX and all(letter in "0123456789abcdef" for letter in text)
