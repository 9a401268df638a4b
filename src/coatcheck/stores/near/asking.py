"""Certainty by asking: before each look into the cache, a doorbell says what changed since the last."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Lock

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.store import Doorbell
from coatcheck.stores.near.cache import Cache

Ring = Callable[[], tuple[str, ...]]


class Asking:
    """Keeps a cache exact: what it holds is never older than the moment somebody looks."""

    staleness = 0.0

    def __init__(self, inner: Doorbell, cache: Cache) -> None:
        self._inner = inner
        self._cache = cache
        self._ring: Ring | None = None
        # Held until what changed is dropped: another thread would hear of no change, and look too early.
        self._asking = Lock()
        self._beginning = Lock()
        self._closed = False

    def is_current(self, now: float) -> bool:
        """Tell whether the cache may be believed, after dropping from it what changed."""
        del now  # whoever asks first is never behind
        with self._asking:
            if self._ring is None:
                return False
            try:
                changed = self._ring()
            except StoreUnavailable:
                self._ring = None
                self._cache.lapse()
                return False
            if changed:
                self._cache.drop(changed)
            return True

    async def begin(self) -> None:
        """Ask from now on; called before each read of the store."""
        if self._ring is None and not self._closed:
            await asyncio.to_thread(self._begin)

    def _begin(self) -> None:
        with self._beginning, suppress(StoreUnavailable):  # the read that follows says what is wrong
            if self._ring is not None:
                return
            ring = self._inner.doorbell()
            with self._asking:
                self._cache.clear()
                self._ring = ring

    async def close(self) -> None:
        """Ask no more."""
        self._closed, self._ring = True, None
