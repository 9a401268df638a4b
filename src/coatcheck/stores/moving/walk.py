"""The walk over the source, which brings everything to the target and counts what is left."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable

import msgspec

from coatcheck.core.errors import CorruptRecord, StoreUnavailable
from coatcheck.core.moving import has_moved
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import NEVER
from coatcheck.stores.moving.steps import BEGUN, Side, move_row, move_session, move_user
from coatcheck.stores.moving.store import MovingStore

BATCH = 100  # sessions that move at the same time


class Tally(msgspec.Struct):
    """What a walk has done, and found.

    Attributes:
        reached: How far it is, from 0 to 1, of two times through; ids are random, so it is also how much.
        moved: Sessions that this walk moved.
        ended: Tombstones of ended sessions that the target knows as well.
        arrived: Sessions that had moved when this walk came by, and that the target has.
        rows: Small rows that this walk moved.
        left: Sessions that are still the source's: written too often, or not readable in the target.
        lost: Sessions that moved and that the target does not have.
    """

    reached: float = 0.0
    moved: int = 0
    ended: int = 0
    arrived: int = 0
    rows: int = 0
    left: int = 0
    lost: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether everything is the target's now, so that apps can be started without the source."""
        return not self.left and not self.lost


class Walk:
    """Moves everything, once through. It may be repeated, also after it was killed, and by several at once.

    Args:
        moving: The two stores.
    """

    def __init__(self, moving: MovingStore) -> None:
        self.tally = Tally()
        self._before = 0.0
        self._source: Side = moving.source
        self._target: Side = moving.target

    async def run(self) -> AsyncGenerator[Tally, None]:
        """Move, and yield the tally after each batch; the last one has been verified by a second walk."""
        await self._source.put_row(BEGUN, b"1", expected=0, expires_at=NEVER)
        async for page in self._pages(self._source):
            await self._move(page)
            yield self.tally
        await self._move_rows()
        self._before = 0.5
        async for page in self._pages(self._source):
            await self._verify(page)
            yield self.tally
        await self._forget_marks()
        self.tally.reached = 1.0
        yield self.tally

    async def _pages(self, store: Side) -> AsyncGenerator[list[Record | Tombstone], None]:
        after = ""
        while page := await store.scan(after, BATCH):
            yield page
            after = page[-1].id
            self.tally.reached = self._before + int(after[:8], 16) / 0xFFFFFFFF / 2

    async def _move(self, page: list[Record | Tombstone]) -> None:
        records = [row for row in page if isinstance(row, Record)]
        ended = [row for row in page if isinstance(row, Tombstone) and not has_moved(row)]
        await self._target.adopt(ended)
        self.tally.ended += len(ended)
        users = {record.user_id for record in records if record.user_id is not None}
        alone = [record.id for record in records if record.user_id is None]
        moves = [
            *(self._unless_hindered(move_user(self._source, self._target, user_id)) for user_id in users),
            *(self._unless_hindered(move_session(self._source, self._target, id)) for id in alone),
        ]
        self.tally.moved += sum(await asyncio.gather(*moves))

    @staticmethod
    async def _unless_hindered(move: Awaitable[int]) -> int:
        try:
            return await move
        except (CorruptRecord, StoreUnavailable):
            return 0  # the second walk counts it; a store that is down stops that one

    async def _move_rows(self) -> None:
        after = ""
        while rows := await self._source.scan_rows(after, BATCH):
            kept = [row for row in rows if row.key != BEGUN]
            moves = [move_row(self._source, self._target, row.key, row.expires_at) for row in kept]
            self.tally.rows += sum(await asyncio.gather(*moves))
            after = rows[-1].key

    async def _verify(self, page: list[Record | Tombstone]) -> None:
        # A move that was cut short left a copy in the target, alive. A worker that knows the source alone may
        # have ended the session since: the target must hear of it.
        await self._target.adopt([row for row in page if isinstance(row, Tombstone) and not has_moved(row)])
        self.tally.left += sum(isinstance(row, Record) for row in page)
        marks = [row.id for row in page if has_moved(row)]
        missing = await asyncio.gather(*(self._is_missing(id) for id in marks))
        self.tally.lost += sum(missing)
        self.tally.arrived += len(marks) - sum(missing)

    async def _is_missing(self, id: str) -> bool:
        try:
            return await self._target.load(id) is None
        except CorruptRecord:
            return True

    async def _forget_marks(self) -> None:
        """Where the target was a source before, remove its marks of sessions that are gone since."""
        if await self._target.row(BEGUN) is None:
            return
        async for page in self._pages(self._target):
            for row in page:
                if has_moved(row) and await self._source.load(row.id) is None:
                    await self._target.delete([row.id])
        await self._target.delete_row(BEGUN)
