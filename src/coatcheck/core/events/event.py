"""What every event says, and who hears it.

An event never holds a token, and every text in it is bounded. Its `name` is stable; the OWASP
Logging Vocabulary name stands beside it (ASVS 16.2.4).
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from coatcheck.core.device import Device


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What every event says. Never emitted itself.

    Attributes:
        at: Seconds since the epoch.
        session_id: The session it concerns, if any.
        user_id: The user it concerns, if known.
        actor: Who acted, where it was somebody else: an operator's user id, or `cli`.
        device: The client that acted, if any.
        request_id: The request it happened in, if the app gives ids.
    """

    name: ClassVar[str] = "event"
    owasp: ClassVar[str] = ""

    at: float
    session_id: str | None = None
    user_id: str | None = None
    actor: str | None = None
    device: Device | None = None
    request_id: str = ""


class Observer(Protocol):
    """Receives every event, after the store has committed it."""

    def observe(self, event: Event) -> None:
        """Take note. Must not block; an exception is logged and never reaches a request."""
        ...  # pragma: no cover


@runtime_checkable
class Attendant(Protocol):
    """An observer with a life of its own: it is there for as long as the manager is in use."""

    def attend(self, manager: Any) -> AbstractAsyncContextManager[None]:
        """Return what is entered when the `SessionManager` is, and left after its last event."""
        ...  # pragma: no cover
