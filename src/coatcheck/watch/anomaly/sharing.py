"""What other workers see: the latest events of all of them, in one row of the store.

A load balancer spreads an attack over the workers, so each sees a part of it, and of a rhythm nothing. Each
worker adds what it saw, in one write however much it is, and takes what the others added. So all show their
rules the same events in the same order, and the one whose event tips the scales speaks.

The row is small and anybody can fill it, so there is only so much room for each network, for each name, and
for what is about no user: noise makes room among its like, and hides nothing else.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from coatcheck.core.device import Device
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.events import Event, SessionCreated, SessionRotated
from coatcheck.core.events.wire import describe, revive
from coatcheck.manager.rows import Step, TypedRows
from coatcheck.watch.anomaly.attempts import name_of, network_of

KEY = "latest"
HELD = 256  # events, of some 150 bytes
CROWD = 32  # of one network, or of one name: more than any rule asks for at once
NOBODY = ""  # the room for events about no user: half of all, for names that are nobody's cost nothing
KEPT = 3600.0  # seconds for which a row that nobody writes is kept
CLIENTS = {"device", "begun_on"}  # fields of events
LEFT_OUT = ("owasp", "time", "request_id")  # no rule asks for these


ItemT = TypeVar("ItemT")


class SharedEvent(msgspec.Struct, frozen=True, array_like=True):
    """An event, and the worker that saw it.

    Attributes:
        number: Which one it is, of all that there ever were.
        worker: Who saw it.
        rooms: Where it takes up room.
        event: The event as the row holds it.
    """

    number: int
    worker: str
    rooms: tuple[str, ...]
    event: dict[str, Any]


class Latest(msgspec.Struct, frozen=True, array_like=True):
    """The latest events of all workers.

    Attributes:
        end: How many there ever were.
        entries: The last of them that there is room for.
    """

    end: int = 0
    entries: tuple[SharedEvent, ...] = ()

    def since(self, seen: int) -> tuple[SharedEvent, ...]:
        """Return those after the first `seen`, as far as they are still there."""
        return tuple(entry for entry in self.entries if entry.number > seen)

    def plus(self, worker: str, events: Sequence[Event]) -> "Latest":
        """Return these and what a worker saw; the oldest make room."""
        more = [
            SharedEvent(number, worker, _rooms(event), _slim(event))
            for number, event in enumerate(events, self.end + 1)
        ]
        entries = _that_fit((*self.entries, *more), lambda entry: entry.rooms)
        return Latest(self.end + len(more), tuple(entries))


class Sharing:
    """One worker's part.

    Args:
        store: Where the row is; it must have the skill `Rows`.
        worker: Tells this worker from the others.
    """

    def __init__(self, store: object, worker: str) -> None:
        self._rows = TypedRows(store, "watch:events:", Latest, Latest())
        self._worker = worker
        self._seen = 0

    async def exchange(self, mine: Sequence[Event], now: float) -> list[Event]:
        """Tell the others what this worker saw; return what they saw since the last time, in order.

        Raises:
            StoreError: The row cannot be read or written.
        """
        told = _that_fit(mine, _rooms)

        def add(latest: Latest) -> Step[Latest, tuple[int, tuple[SharedEvent, ...]]]:
            seen = self._seen if self._seen <= latest.end else 0  # the row was lost
            more = latest.plus(self._worker, told)
            return Step((more.end, latest.since(seen)), more, now + KEPT)

        self._seen, found = await self._rows.change(KEY, add)
        return [event for entry in found if entry.worker != self._worker and (event := _revived(entry))]


def is_worth_sharing(event: Event) -> bool:
    """Tell whether a shared rule makes something of an event.

    None does of the sessions of visitors, nor of rotations by the browser that began the session; those are
    many.
    """
    match event:
        case SessionCreated():
            return event.user_id is not None
        case SessionRotated(begun_on=Device(label=before), device=Device(label=now)):
            return before != now
        case SessionRotated():
            return False
        case _:
            return True


def _that_fit(items: Sequence[ItemT], rooms: Callable[[ItemT], tuple[str, ...]]) -> list[ItemT]:
    """Return the latest items that there is room for, in order."""
    kept: list[ItemT] = []
    taken: Counter[str] = Counter()
    for item in reversed(items):
        wanted = rooms(item)
        if all(taken[room] < (HELD // 2 if room == NOBODY else CROWD) for room in wanted):
            taken.update(wanted)
            kept.append(item)
        if len(kept) == HELD:
            break
    return kept[::-1]


def _rooms(event: Event) -> tuple[str, ...]:
    """Return where an event takes up room: its network and its name, as far as it has them."""
    named = tuple(room for room in (network_of(event), name_of(event)) if room)
    return named if event.user_id else (*named, NOBODY)


def _slim(event: Event) -> dict[str, Any]:
    """Return an event as the row holds it: clients without what they say of themselves."""
    said = {name: value for name, value in describe(event).items() if name not in LEFT_OUT}
    for client in CLIENTS & said.keys():
        said[client] = {"ip": said[client]["ip"], "label": said[client]["label"]}
    return said


def _revived(entry: SharedEvent) -> Event | None:
    """Return the event of an entry; None if it is of a kind that this version does not know."""
    try:
        return revive(entry.event)
    except CorruptRecord:
        return None
