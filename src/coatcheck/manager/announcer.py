"""Hands events to observers, and keeps a flood of strangers from becoming a flood of events."""

import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from coatcheck.core.device import describe
from coatcheck.core.events import Attendant, Event, Observer
from coatcheck.core.session import Session

_log = logging.getLogger("coatcheck")

SAMPLE_SECONDS = 1.0
MAX_ADDRESSES = 1024


class Announcer:
    """Delivers every event to every observer; a failing observer is logged and harms nobody."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self.observers = tuple(observers)
        self._attendance = AsyncExitStack()
        self._sampled: dict[str, tuple[float, int]] = {}

    def add(self, observer: Observer) -> None:
        """Let one more observer hear every event: the first, so it hears what the others do at the end."""
        self.observers = (observer, *self.observers)

    async def open(self, manager: Any) -> None:
        """Let the observers begin who have a life of their own."""
        for observer in self.observers:
            if isinstance(observer, Attendant):
                await self._attendance.enter_async_context(observer.attend(manager))

    async def close(self) -> None:
        """Let them finish."""
        await self._attendance.aclose()

    def emit(self, event: Event) -> None:
        """Deliver one event."""
        for observer in self.observers:
            try:
                observer.observe(event)
            except Exception:  # noqa: BLE001 - an app's observer may fail in any way
                _log.exception("observer %s failed on %s", type(observer).__name__, event.name)

    def tell(self, kind: type[Event], session: Session[Any] | None, at: float, **facts: Any) -> None:
        """Deliver an event: of a request with its session, or of an operator's act without one.

        The one place that puts together what every event says. `at` in seconds since the epoch.
        """
        if not self.observers:
            return
        if session is None:
            self.emit(kind(at=at, **facts))
            return
        client, record = session.client, session.record
        facts.setdefault("session_id", record.id if record else None)
        facts.setdefault("user_id", record.user_id if record else None)
        facts.setdefault("actor", record.actor if record else None)
        device = describe(client.ip, client.user_agent)
        self.emit(kind(at=at, device=device, request_id=client.request_id, **facts))

    def sample(self, kind: type[Event], session: Session[Any], at: float, **facts: Any) -> None:
        """Deliver at most one event a second and address; it carries the count of those left out."""
        key = f"{kind.name} {session.client.ip}"
        since, swallowed = self._sampled.get(key, (float("-inf"), 0))
        if at - since < SAMPLE_SECONDS:
            self._sampled[key] = (since, swallowed + 1)
            return
        if len(self._sampled) >= MAX_ADDRESSES:
            self._sampled.clear()
        self._sampled[key] = (at, 0)
        self.tell(kind, session, at, count=swallowed + 1, **facts)
