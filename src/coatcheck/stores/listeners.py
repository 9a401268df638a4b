"""Who listens to a feed inside this process: each hears every change, or that it missed one."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import HEARTBEAT

MAX_WAITING = 10_000  # ids that one listener may be behind


class Listeners:
    """Hands the ids of changed sessions to every subscription of one event loop.

    A listener that is slow finds all it has not heard of yet in one tuple, each id once. So what waits
    for it is bounded by the number of sessions that change; beyond `MAX_WAITING` its feed is cut.

    Args:
        silence: Seconds without news after which a listener gets a heartbeat; None where heartbeats come
            from an engine, through `tell(())`: only those say that the engine is still there.
    """

    def __init__(self, silence: float | None = HEARTBEAT) -> None:
        self._silence = silence
        self._subscriptions: set[_Subscription] = set()

    def __bool__(self) -> bool:
        return bool(self._subscriptions)

    def tell(self, ids: Iterable[str]) -> None:
        """Tell everybody that these sessions changed; call it after the change is stored."""
        for subscription in self._subscriptions:
            subscription.add(ids)

    def cut(self, fault: StoreUnavailable) -> None:
        """End every subscription: something may have been missed."""
        for subscription in self._subscriptions:
            subscription.cut(fault)

    async def listen(self) -> AsyncGenerator[tuple[str, ...], None]:
        """Subscribe, as `core.store.Feed` says.

        Raises:
            StoreUnavailable: The feed was cut.
        """
        subscription = _Subscription(self._silence)
        self._subscriptions.add(subscription)
        try:
            yield ()
            while True:
                ids, beats = await subscription.next()
                if ids:
                    yield ids
                if beats:
                    yield ()
        finally:
            self._subscriptions.discard(subscription)


class _Subscription:
    """What one listener has not heard of yet."""

    def __init__(self, silence: float | None) -> None:
        self._silence = silence
        self._ids: dict[str, None] = {}
        self._beats = False
        self._fault: StoreUnavailable | None = None
        self._news = asyncio.Event()

    def add(self, ids: Iterable[str]) -> None:
        news = dict.fromkeys(ids)
        self._ids |= news
        self._beats |= not news
        if len(self._ids) > MAX_WAITING:
            self.cut(StoreUnavailable("a listener fell too far behind the feed", remedy="Listen again"))
        self._news.set()

    def cut(self, fault: StoreUnavailable) -> None:
        self._ids.clear()
        self._fault = fault
        self._news.set()

    async def next(self) -> tuple[tuple[str, ...], bool]:
        """Wait for news, or for as long as a feed may be silent; tell whether that is a heartbeat too.

        It is, unless it must come from an engine: within a process nothing is ever under way.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(self._silence):
                await self._news.wait()
        if self._fault:
            raise self._fault
        self._news.clear()
        ids, self._ids = tuple(self._ids), {}
        beats, self._beats = self._beats or self._silence is not None, False
        return ids, beats
