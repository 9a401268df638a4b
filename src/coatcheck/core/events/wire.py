"""Events as plain values: what a log line, a ledger's entry and a dashboard are made of."""

from collections.abc import Mapping
from typing import Any

import msgspec

from coatcheck.core import events
from coatcheck.core.clock import timestamp
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.events.event import Event

EVENTS: Mapping[str, type[Event]] = {
    kind.name: kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
}
"""Every kind of event, by its name."""


def describe(event: Event) -> dict[str, Any]:
    """Return an event as JSON can hold it, without the fields that say nothing.

    `event` and `owasp` name it, `time` is UTC (ASVS 16.2.2), `at` the same in seconds since the epoch.
    """
    time = timestamp(event.at, "+00:00")  # in this form it stands in ledgers
    said: dict[str, Any] = {"event": event.name, "owasp": event.owasp, "time": time}
    said |= {name: value for name, value in msgspec.to_builtins(event).items() if value is not None}
    if not event.request_id:
        del said["request_id"]
    return said


def revive(description: Mapping[str, Any]) -> Event:
    """Return the event that `describe` described.

    Raises:
        CorruptRecord: It describes none of ours.
    """
    try:
        return msgspec.convert(description, EVENTS[description["event"]])
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise CorruptRecord(f"this is no event: {error}") from error
