"""What ties an accepted WebSocket to its session: cut, the socket closes, whatever the app is doing."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

import msgspec

from coatcheck.core.session import Session
from coatcheck.core.stream import Outlook
from coatcheck.manager import SessionManager
from coatcheck.web.answer import App, Message, Receive, Scope, Send
from coatcheck.web.guard import judge
from coatcheck.web.rule import Rule

SESSION_OVER = 4401  # RFC 6455 7.4.2 leaves 4000 to 4999 to applications
INTERNAL_ERROR = 1011
RECONNECT = "reconnect"
PATIENCE = 60.0  # seconds; a machine's sleep, which no timer counts, is noticed by then
PARTING = 1.0  # seconds the app has to leave once its socket is closed
BREATH = 0.05  # seconds that swallowing takes: an app that only ever sends must not spin

_log = logging.getLogger("coatcheck")


class Lifeline:
    """Runs an app on a socket, and closes the socket when its session no longer carries it.

    Args:
        receive: The server's.
        send: The server's.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._cut = False
        self._app = asyncio.timeout(None)
        self._reading: asyncio.Timeout | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def run(self, app: App, scope: Scope, send: Send) -> None:
        """Run the app until it is done, or a moment after its socket was closed."""
        try:
            async with self._app:
                await app(scope, self.receive, send)
        except TimeoutError:
            if not self._app.expired():
                raise
        finally:
            await self._end_watch()

    def watch(self, manager: SessionManager[Any], session: Session[Any], rule: Rule) -> None:
        """Begin to watch the session; the app has accepted."""
        lasting = msgspec.structs.replace(rule, recent=None)  # a recent password was asked for at the door
        watching = self._close_when_over(manager, session, lasting)
        self._watcher = asyncio.get_running_loop().create_task(watching)

    async def receive(self) -> Message:
        """Return what comes; that the socket is closed, once it is."""
        if not self._cut:
            try:
                async with asyncio.timeout(None) as self._reading:
                    return await self._receive()
            except TimeoutError:
                if not self._cut:
                    raise
            finally:
                self._reading = None
        return {"type": "websocket.disconnect", "code": SESSION_OVER}

    async def send(self, message: Message) -> None:
        """Pass a message of the app on; swallow what comes too late."""
        if self._cut:
            await asyncio.sleep(BREATH)
        else:
            await self._send(message)

    async def _close_when_over(self, manager: SessionManager[Any], session: Session[Any], rule: Rule) -> None:
        code, reason = SESSION_OVER, None
        try:
            with manager.watch(session) as watch:
                while reason is None:
                    reason = _reason_to_close(await watch.judge(PATIENCE), rule)
        except Exception:  # noqa: BLE001 - whatever fails, what cannot be watched must not stay open
            _log.exception("the session of a WebSocket cannot be watched")
            code, reason = INTERNAL_ERROR, ""
        await self._close(code, reason)

    async def _close(self, code: int, reason: str) -> None:
        self._cut = True
        now = asyncio.get_running_loop().time()
        self._app.reschedule(now + PARTING)
        if self._reading is not None:
            self._reading.reschedule(now)
        with suppress(Exception):  # the client may have gone, which each server says in its own way
            async with asyncio.timeout(PARTING):  # or stay, and never answer
                await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def _end_watch(self) -> None:
        if self._watcher is None:
            return
        if not self._cut:
            self._watcher.cancel()
        await asyncio.wait({self._watcher})


def _reason_to_close(outlook: Outlook | None, rule: Rule) -> str | None:
    """Return what the client is told, or None while it may stay."""
    if outlook is None:
        return None
    if outlook.record is None:
        return outlook.reason or RECONNECT
    refusal = judge(rule, outlook.record.identity, None, 0.0)
    return refusal.reason if refusal else None
