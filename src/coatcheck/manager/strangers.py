"""Strangers: addresses that present tokens nobody knows, and what that may cost the store.

Session ids are public and tokens can be made up, so anybody can ask for a read. An address that did so
often reads one at a time from then on, however many connections it opened. Nobody is refused for the
company they are in: behind the same address may be the browser of a session that this process has
not read yet, and only a read can tell. It waits its turn.
"""

import asyncio
from weakref import WeakValueDictionary

from coatcheck.core.device import network

BUDGET = 100  # unknown tokens from one address within the window
WINDOW = 60.0  # seconds
MAX_ADDRESSES = 4_096


class Strangers:
    """Counts unknown tokens by address. An IPv6 address counts as its customer's network."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[float, int]] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def note(self, ip: str, now: float) -> None:
        """Note an unknown token; `now` in seconds since the epoch."""
        place = network(ip)
        since, count = self._counts.get(place, (now, 0))
        if now - since >= WINDOW:
            since, count = now, 0
        elif place not in self._counts and len(self._counts) >= MAX_ADDRESSES:
            self._counts.clear()
        self._counts[place] = (since, count + 1)

    def has_spent(self, ip: str, now: float) -> bool:
        """Tell whether an address has used up what it may cost."""
        if not self._counts:
            return False
        since, count = self._counts.get(network(ip), (now, 0))
        return count >= BUDGET and now - since < WINDOW

    def turn(self, ip: str) -> asyncio.Lock:
        """Return what an address that has spent its budget must hold while it reads."""
        return self._turns.setdefault(network(ip), asyncio.Lock())
