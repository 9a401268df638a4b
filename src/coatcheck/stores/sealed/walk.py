"""The walk that seals all session data with the newest key, while people use them."""

import asyncio
from collections.abc import AsyncGenerator

import msgspec

from coatcheck.core.change import Change, DataChange
from coatcheck.core.errors import ConfigurationError, CorruptRecord, KeyMissing, StaleData
from coatcheck.core.record import Record
from coatcheck.core.store import Scan
from coatcheck.stores.sealed import values
from coatcheck.stores.sealed.store import SealedStore

BATCH = 100  # sessions that are sealed at the same time
ATTEMPTS = 100  # at one session; of which one gets through unless somebody writes without a pause


class Tally(msgspec.Struct):
    """What a walk has done, and found.

    Attributes:
        reached: How far it is, from 0 to 1, of two times through; ids are random, so it is also how much.
        sessions: Live sessions looked at.
        sealed: Values sealed with the newest key by this walk.
        unreadable: Sessions with a value that no key opens, or that was changed; they are left as they are.
        left: Sessions with a value that is not sealed with the newest key, after all.
        locked: Sessions of these with a value that is sealed with a key that is not here.
    """

    reached: float = 0.0
    sessions: int = 0
    sealed: int = 0
    unreadable: int = 0
    left: int = 0
    locked: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nobody needs an older key any more."""
        return not self.left


class Resealing:
    """Seals what lies in the clear or is sealed with an older key. It may be killed, and repeated.

    It changes a value only while it is what was read, so that whatever an application writes meanwhile stays.

    Args:
        store: The store as an application has it.

    Raises:
        ConfigurationError: What is behind it cannot be walked over.
    """

    def __init__(self, store: SealedStore) -> None:
        if not isinstance(store.inner, Scan):
            raise ConfigurationError(
                f"{type(store.inner).__name__} cannot be walked over", remedy="Give it the skill Scan"
            )
        self.tally = Tally()
        self._before = 0.0
        self._store = store.inner
        self._scan = store.inner.scan
        self._sealer = store.sealer

    async def run(self) -> AsyncGenerator[Tally, None]:
        """Seal, and yield the tally after each batch; the last one has been verified by a second walk."""
        async for page in self._pages():
            await asyncio.gather(*map(self._reseal, page))
            yield self.tally
        self._before = 0.5
        async for page in self._pages():
            for record in page:
                self._count(record)
            yield self.tally
        self.tally.reached = 1.0
        yield self.tally

    async def _pages(self) -> AsyncGenerator[list[Record], None]:
        after = ""
        while page := await self._scan(after, BATCH):
            yield [row for row in page if isinstance(row, Record)]
            after = page[-1].id
            self.tally.reached = self._before + int(after[:8], 16) / 0xFFFFFFFF / 2

    async def _reseal(self, record: Record) -> None:
        self.tally.sessions += 1
        found: object = record
        for _ in range(ATTEMPTS):
            if not isinstance(found, Record):
                return
            try:
                old = values.outdated(self._sealer, found)
                plain = values.unseal(self._sealer, found.id, old)
                new = values.seal(self._sealer, found.id, plain)
                change = Change(data=DataChange(sets=new, given=dict(old)))
                if change and await self._store.save(found.id, change):
                    self.tally.sealed += len(new)
            except StaleData:
                found = await self._store.load(record.id)
                continue
            except (KeyMissing, CorruptRecord):
                self.tally.unreadable += 1
            return

    def _count(self, record: Record) -> None:
        try:
            old = values.outdated(self._sealer, record)
            values.unseal(self._sealer, record.id, old)
        except KeyMissing:
            self.tally.left += 1
            self.tally.locked += 1
        except CorruptRecord:
            pass  # no key will ever open it
        else:
            self.tally.left += bool(old)
