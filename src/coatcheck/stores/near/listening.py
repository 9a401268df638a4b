"""Certainty by listening: the feed names what changed, and its heartbeat says that nothing is missing."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from math import isfinite

from coatcheck.core.clock import Clock
from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.core.patience import SILENCE, pause_after
from coatcheck.core.store import HEARTBEAT, Feed
from coatcheck.stores.near.cache import Cache
from coatcheck.stores.near.measures import Pushes

STALENESS = 2.0  # seconds: four heartbeats, of which two may be late
_LEAST = 3 * HEARTBEAT
_NEVER = float("-inf")

_log = logging.getLogger("coatcheck")


class Listening:
    """Keeps a cache at most `staleness` seconds behind the store.

    A heartbeat vouches for what was stored before the heartbeat before it (`core.store.Feed`). So the
    cache is as old as the last but one, however long the last one was under way.

    Raises:
        ConfigurationError: No feed can vouch for so short a time.
    """

    def __init__(
        self, inner: Feed, cache: Cache, pushes: Pushes, *, staleness: float, clock: Clock, entropy: Entropy
    ) -> None:
        if not (isfinite(staleness) and staleness >= _LEAST):
            raise ConfigurationError(
                f"staleness={staleness:g} is no time for which a feed can vouch",
                remedy=f"Give at least {_LEAST:g} seconds",
            )
        self.staleness = staleness
        self._inner = inner
        self._cache = cache
        self._pushes = pushes
        self._clock = clock
        self._entropy = entropy
        self._known_at = _NEVER  # whatever was stored before this moment is known here
        self._heard_at = _NEVER  # the last heartbeat
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def is_current(self, now: float) -> bool:
        """Tell whether the cache may be believed. May be called from any thread."""
        return now - self._known_at <= self.staleness

    async def begin(self) -> None:
        """See to it that somebody listens; called before each read of the store."""
        task = self._task
        # Of a loop that no longer runs nothing will be heard, whatever became of its tasks.
        if (task is None or task.done() or not task.get_loop().is_running()) and not self._closed:
            self._forget()
            self._task = asyncio.get_running_loop().create_task(self._listen())

    async def close(self) -> None:
        """Listen no more."""
        self._closed = True
        task, self._task = self._task, None
        self._forget()
        if task is None or not task.get_loop().is_running():
            return
        if task.get_loop() is not asyncio.get_running_loop():
            task.get_loop().call_soon_threadsafe(task.cancel)
            return
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _listen(self) -> None:
        cuts = 0
        while True:
            try:
                async with aclosing(self._inner.feed()) as changes:
                    while True:
                        ids = await _next(changes)
                        if asyncio.current_task() is not self._task:
                            return  # this loop stood still, and by now another listens
                        self._hear(ids)
                        cuts = 0
            except (StoreUnavailable, TimeoutError, StopAsyncIteration) as cut:
                if not cuts:
                    _log.warning("the feed was cut, so every session check reads the store: %s", cut)
            except Exception:  # noqa: BLE001 - whatever fails, what is remembered must not be believed
                _log.exception("the feed of %s failed", type(self._inner).__name__)
            finally:
                self._lose()
            cuts += 1
            await asyncio.sleep(pause_after(cuts, self._entropy))

    def _hear(self, ids: tuple[str, ...]) -> None:
        if ids:
            self._cache.drop(ids)
            self._pushes.hear(ids)
            return
        now = self._clock.now()
        if self._heard_at == _NEVER:
            self._cache.clear()  # what was read before anybody listened may have changed unheard
            self._known_at = now
        else:
            self._known_at = self._heard_at
        self._heard_at = now

    def _lose(self) -> None:
        if asyncio.current_task() is self._task:
            self._forget()

    def _forget(self) -> None:
        if self._heard_at != _NEVER:
            self._heard_at = self._known_at = _NEVER
            self._cache.lapse()
            self._pushes.clear()


async def _next(changes: AsyncGenerator[tuple[str, ...], None]) -> tuple[str, ...]:
    async with asyncio.timeout(SILENCE):
        return await anext(changes)
