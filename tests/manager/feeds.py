"""Stores whose feed is in the test's hands, and the time in which something must happen."""

import asyncio

from coatcheck.stores.memory import MemoryStore
from coatcheck.testing.wrapped import WrappedStore

SOON = 5.0  # seconds: much longer than anything here takes, for a machine that is busy


class ScriptedFeed(WrappedStore):
    """A store whose feed says what a test puts into it: ids, or an exception that cuts it.

    `waits` tells whether whoever listens has taken in all that was said.
    """

    def __init__(self):
        super().__init__(MemoryStore())
        vars(self).pop("feed")
        self.script = asyncio.Queue()
        self.begun = self.open = 0
        self.waits = False

    def before(self, verb):
        """Let every verb pass."""

    async def feed(self):
        self.begun += 1
        self.open += 1
        try:
            while True:
                self.waits = self.script.empty()
                said = await self.script.get()
                self.waits = False
                if isinstance(said, Exception):
                    raise said
                if said is None:
                    return
                yield said
        finally:
            self.open -= 1


class Unfed(WrappedStore):
    """A memory store that pushes nothing."""

    def __init__(self):
        super().__init__(MemoryStore())
        vars(self).pop("feed")
        self.loads = 0

    def before(self, verb):
        self.loads += verb == "load"


async def until(condition):
    """Wait until something is so."""
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - a condition of any kind has no event
            await asyncio.sleep(0.001)
