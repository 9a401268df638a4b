"""The hub: one subscription to the store's feed, for every open connection of this worker."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager

from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.patience import SILENCE, pause_after
from coatcheck.core.store import Feed, Store
from coatcheck.manager.polling import poll

_log = logging.getLogger("coatcheck")


class Subscription:
    """Hears that one session may have changed.

    Attributes:
        stopped: Nothing more will be heard.
    """

    def __init__(self) -> None:
        self.stopped = False
        self._news = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Wait at most so long, and tell whether something may have changed since the last time."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def wake(self) -> None:
        """Let it look again."""
        self._news.set()

    def stop(self) -> None:
        """Let it go."""
        self.stopped = True
        self._news.set()


class Changes:
    """Wakes whoever waits for a session to change. It listens only while somebody waits.

    Args:
        store: Its feed is listened to; without the skill `Feed` the store is polled.
        entropy: Draws the jitter of the pauses while a feed is cut.
        on_cut: Told of every cut.
    """

    def __init__(self, store: Store, entropy: Entropy, on_cut: Callable[[], None]) -> None:
        self._store = store
        self._entropy = entropy
        self._on_cut = on_cut
        self._subscriptions: dict[str, set[Subscription]] = {}
        self._listener: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._cuts = 0

    @property
    def subscribed(self) -> int:
        """How many wait."""
        return sum(map(len, self._subscriptions.values()))

    @contextmanager
    def subscribe(self, id: str) -> Iterator[Subscription]:
        """Hear of one session for as long as the context lasts."""
        subscription = Subscription()
        self._subscriptions.setdefault(id, set()).add(subscription)
        if self._listener is None:
            self._listener = asyncio.get_running_loop().create_task(self._listen())
        try:
            yield subscription
        finally:
            self._subscriptions[id].discard(subscription)
            if not self._subscriptions[id]:
                del self._subscriptions[id]
            if not self._subscriptions:
                self._stop_listening()

    def release(self) -> None:
        """Let go whoever waits now."""
        for waiting in self._subscriptions.values():
            for subscription in waiting:
                subscription.stop()

    async def close(self) -> None:
        """Let go whoever waits, and of the feed."""
        self.release()
        self._stop_listening()
        await asyncio.gather(*self._leaving, return_exceptions=True)

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            self._leaving.add(self._listener)
            self._listener.add_done_callback(self._leaving.discard)
            self._listener = None

    async def _listen(self) -> None:
        """Follow the feed, again and again; after each cut anything may have changed."""
        while True:
            try:
                await self._follow()
            except (StoreUnavailable, TimeoutError, StopAsyncIteration):
                pass  # the plain ways in which a feed is cut
            except Exception:  # noqa: BLE001 - whatever fails, revoked connections must not stay open
                _log.exception("the feed of %s failed", type(self._store).__name__)
            self._cuts += 1
            self._on_cut()
            await asyncio.sleep(pause_after(self._cuts, self._entropy))
            self._wake_all()

    async def _follow(self) -> None:
        store = self._store
        feed = store.feed() if isinstance(store, Feed) else poll(store, self._subscriptions.keys())
        async with aclosing(feed):
            await self._next(feed)  # from here on nothing is missed; of what was before, anything may be
            self._cuts = 0
            self._wake_all()
            while True:
                for id in await self._next(feed):
                    for subscription in self._subscriptions.get(id, ()):
                        subscription.wake()

    @staticmethod
    async def _next(feed: AsyncGenerator[tuple[str, ...], None]) -> tuple[str, ...]:
        async with asyncio.timeout(SILENCE):
            return await anext(feed)

    def _wake_all(self) -> None:
        for waiting in self._subscriptions.values():
            for subscription in waiting:
                subscription.wake()
