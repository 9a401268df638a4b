"""An observer that remembers."""

from typing import TypeVar

from coatcheck.core.events import Event

EventT = TypeVar("EventT", bound=Event)


class RecordingObserver:
    """Keeps every event, in order.

    Attributes:
        events: What was observed so far.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []

    def observe(self, event: Event) -> None:
        """Take note of an event."""
        self.events.append(event)

    def names(self) -> list[str]:
        """Return the names of the events, in order."""
        return [event.name for event in self.events]

    def of(self, kind: type[EventT]) -> list[EventT]:
        """Return the events of one type, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    def clear(self) -> None:
        """Forget everything."""
        self.events.clear()
