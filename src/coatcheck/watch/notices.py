"""Notices: what people should hear of their own account, for an application that sends mail."""

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from coatcheck.core.device import Device
from coatcheck.core.events import (
    AnomalyFound,
    Event,
    LoginSucceeded,
    PasswordChanged,
    SessionOver,
    SinkFailed,
    UserRevoked,
)
from coatcheck.core.reason import Reason
from coatcheck.manager import SessionManager

_log = logging.getLogger("coatcheck")

PATIENCE = 30.0  # seconds for one notice, and for all that wait when the app stops
MOST_WAITING = 1_000
BY_OTHERS = frozenset({Reason.REVOKED, Reason.TOKEN_REUSED, Reason.USER_DISABLED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What every notice says. Never sent itself.

    Attributes:
        user_id: Whose account it is about; None for whoever looks after the application.
        at: When it happened, in seconds since the epoch.
        actor: Who did it, where somebody else did: an operator's user id, or `cli`.
        device: The client that did it, if any.
    """

    user_id: str | None
    at: float
    actor: str | None = None
    device: Device | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDevice(Notice):
    """The user signed in from a browser that had not signed in before."""

    session_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PasswordReplaced(Notice):
    """The password is another one now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionsEnded(Notice):
    """Sessions of the user ended, and not because they signed out or waited too long."""

    reason: Reason
    sessions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspicion(Notice):
    """A rule noticed something that its policy says to tell; `evidence` is what it saw."""

    rule: str
    evidence: tuple[tuple[str, str], ...]


Send = Callable[[Notice], Awaitable[None] | None]


class Notices:
    """An observer that hands notices to your function, one after another, beside the requests.

    Each is handed over once at most: what your function raises, or takes too long for, is logged and told as
    `sink.failed`. A queue that must lose nothing is yours to write to.

    Args:
        send: A function, which runs in a thread and may block, or a coroutine function.
        patience: Seconds that one notice may take, and all that wait when the app stops.
    """

    def __init__(self, send: Send, *, patience: float = PATIENCE) -> None:
        self._send = send
        self._patience = patience
        self._waiting: deque[Notice] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._manager: SessionManager[Any] | None = None

    def observe(self, event: Event) -> None:
        """Note what the event means to its user, if anything."""
        notice = notice_of(event)
        if isinstance(notice, SessionsEnded):
            notice = self._with_others(notice, is_sum=isinstance(event, UserRevoked))
        if notice is None:
            return
        if len(self._waiting) >= MOST_WAITING:
            _log.error("notices are not sent as fast as they come: one was dropped")
            self._lose(1)
            return
        self._waiting.append(notice)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send_all())

    @asynccontextmanager
    async def attend(self, manager: SessionManager[Any]) -> AsyncIterator[None]:
        """Send what still waits when the context ends, for as long as patience lasts."""
        self._manager = manager
        try:
            yield
        finally:
            if self._sender is not None:
                _, under_way = await asyncio.wait({self._sender}, timeout=self._patience)
                if under_way:
                    self._sender.cancel()
                    lost = len(self._waiting) + 1
                    _log.error("the app stops, and %d notices were not sent", lost)
                    self._lose(lost)

    def _with_others(self, notice: SessionsEnded, *, is_sum: bool) -> SessionsEnded | None:
        """Make one notice of all sessions that ended at one moment; None if there were none.

        They are told of in a row, so the sender never comes between them. The event of their user is the
        last, and knows how many were alive.
        """
        last = self._waiting[-1] if self._waiting else None
        if isinstance(last, SessionsEnded) and replace(last, sessions=notice.sessions) == notice:
            self._waiting.pop()
            if not is_sum:
                notice = replace(notice, sessions=last.sessions + notice.sessions)
        return notice if notice.sessions else None

    async def _send_all(self) -> None:
        while self._waiting:
            notice = self._waiting.popleft()
            try:
                async with asyncio.timeout(self._patience):
                    sending = await asyncio.to_thread(self._send, notice)
                    if inspect.isawaitable(sending):
                        await sending
            except Exception:  # noqa: BLE001 - an app's function may fail in any way
                _log.exception("the notice %s could not be sent", type(notice).__name__)
                self._lose(1)

    def _lose(self, count: int) -> None:
        if self._manager is not None:
            self._manager.tell(SinkFailed, None, sink="notices", lost=count)


def notice_of(event: Event) -> Notice | None:
    """Return what an event means to the user it concerns; None where nobody need hear of it."""
    facts: dict[str, Any] = {
        "user_id": event.user_id,
        "at": event.at,
        "actor": event.actor,
        "device": event.device,
    }
    match event:
        case LoginSucceeded(new_device=True):
            return NewDevice(**facts, session_id=event.session_id)
        case PasswordChanged():
            return PasswordReplaced(**facts)
        case SessionOver(user_id=str(), reason=reason) if reason in BY_OTHERS:
            return SessionsEnded(**facts, reason=reason, sessions=1)
        case UserRevoked(reason=reason, sessions=sessions):
            return SessionsEnded(**facts, reason=reason, sessions=sessions)
        case AnomalyFound(response=response) if response != "log":
            return Suspicion(**facts, rule=event.rule, evidence=event.evidence)
        case _:
            return None
