"""Events that wait for the ledger: no more than fit, and what did not is counted."""

from collections import deque
from typing import TYPE_CHECKING

from coatcheck.core.events import Event

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 10_000  # events: some 5 MB, and what a busy worker emits in seconds


class Waiting:
    """A queue that never makes anybody wait.

    Attributes:
        lost: How many events found no room since it was told last.
        wake: Called when the first one comes.
    """

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self.lost = 0
        self.wake: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: Event) -> None:
        """Add an event, if there is room."""
        if len(self._events) >= MOST:
            self.lost += 1
            return
        self._events.append(event)
        if len(self._events) == 1:
            self.wake()

    def take(self, most: int) -> list[Event]:
        """Remove and return so many events at most, the oldest first."""
        return [self._events.popleft() for _ in range(min(most, len(self._events)))]
