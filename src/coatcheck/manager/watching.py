"""Watching the session of a connection that stays open."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from coatcheck.core.errors import SessionEnded, StoreUnavailable
from coatcheck.core.events import StreamClosed
from coatcheck.core.reason import Reason
from coatcheck.core.record import Tombstone
from coatcheck.core.session import Session
from coatcheck.core.stream import RECONNECT, Outlook, judge_stream
from coatcheck.core.token import Token
from coatcheck.manager.changes import Subscription
from coatcheck.manager.context import Context

LONGEST_UNJUDGED = 30.0  # seconds a connection stays open while the store cannot say whether it may
RETRY = 1.0  # seconds between two attempts to read a store that is down
LEAST_PAUSE = 0.2  # seconds between two looks, however often a session is written


class Watch:
    """Tells an open connection how its session fares. Made by `SessionManager.watch`."""

    def __init__(self, context: Context, subscription: Subscription, token: Token) -> None:
        self._context = context
        self._subscription = subscription
        self._token = token
        self._look_at = context.now()
        self._until = float("inf")
        self._rested_at = float("-inf")

    def stop(self) -> None:
        """Stop waiting: the next verdict is to reconnect."""
        self._subscription.stop()

    async def judge(self, patience: float) -> Outlook | None:
        """Return the verdict as soon as it may be another one; the first at once.

        While the store cannot be read there is none. That lasts until the deadline known last, or
        for `LONGEST_UNJUDGED` seconds; then the connection is to reconnect.

        Args:
            patience: Seconds to wait at most; then the answer is None.
        """
        context, waiting = self._context, self._subscription
        left = self._look_at - context.now()
        changed = left <= 0 or await waiting.wait(min(left, patience))
        if waiting.stopped:
            return RECONNECT
        if not changed and context.now() < self._look_at:
            return None
        await self._rest()
        try:
            found = await context.load(self._token.id)
        except StoreUnavailable:
            return self._bear_outage(context.now())
        outlook = judge_stream(self._token, found, context.now(), context.lifetimes.rotation)
        if outlook.reason is not None and isinstance(found, Tombstone):
            self._tell_closed(found)
        self._look_at = self._until = outlook.until
        return outlook

    def _tell_closed(self, ended: Tombstone) -> None:
        now = self._context.now()
        delay = max(0.0, now - ended.at)
        facts = {"session_id": ended.id, "user_id": ended.user_id, "reason": ended.reason}
        self._context.announcer.tell(StreamClosed, None, now, delay=delay, **facts)

    async def _rest(self) -> None:
        loop = asyncio.get_running_loop()
        if (left := self._rested_at - loop.time()) > 0:
            await asyncio.sleep(left)
        self._rested_at = loop.time() + LEAST_PAUSE

    def _bear_outage(self, now: float) -> Outlook | None:
        self._until = min(self._until, now + LONGEST_UNJUDGED)
        self._look_at = now + RETRY
        return RECONNECT if now > self._until else None


@contextmanager
def watch(context: Context, session: Session[Any]) -> Iterator[Watch]:
    """Watch the session of an open connection by the token it was opened with."""
    token = session.token or session.acts.handout
    if token is None:
        raise SessionEnded("this connection came without a session", reason=Reason.NO_SESSION)
    with context.changes.subscribe(token.id) as subscription:
        yield Watch(context, subscription, token)
