"""Small rows that move: who reads one learns whose it is, and says so again who writes it."""

from coatcheck.core.moving import MOVED_ROW
from coatcheck.core.store import Row
from coatcheck.stores.moving.steps import BEGUN, Side


class MovingRows:
    """The skill `Rows` over two stores.

    A version tells which store it is from: even ones are the target's, odd ones the source's. So a
    write that expects a version finds the row where it was read, or fails.
    """

    def __init__(self, target: Side, source: Side) -> None:
        self.target = target
        self.source = source
        self._has_begun = False

    async def has_begun(self) -> bool:
        """Tell whether the walk over the source has begun: new things belong to the target then."""
        if not self._has_begun:
            self._has_begun = await self.source.row(BEGUN) is not None
        return self._has_begun

    async def row(self, key: str) -> Row | None:
        """Return the value under `key`, or None."""
        here = await self.source.row(key)
        if here is not None and here.value != MOVED_ROW:
            return Row(here.value, 2 * here.version + 1)
        there = await self.target.row(key)
        if there is None or there.value == MOVED_ROW:
            return None
        return Row(there.value, 2 * there.version)

    async def put_row(self, key: str, value: bytes, *, expected: int, expires_at: float) -> bool:
        """Store a value if its version is still `expected` (0: absent)."""
        if expected == 0:
            return await self._put_first(key, value, expires_at)
        version, from_source = divmod(expected, 2)
        if not version:
            return False
        store = self.source if from_source else self.target
        return await store.put_row(key, value, expected=version, expires_at=expires_at)

    async def delete_row(self, key: str) -> None:
        """Remove the value, and a copy that is on its way."""
        await self.source.delete_row(key)
        await self.target.delete_row(key)

    async def _put_first(self, key: str, value: bytes, expires_at: float) -> bool:
        here, there = await self.source.row(key), await self.target.row(key)
        if (here is not None and here.value != MOVED_ROW) or (there is not None and there.value != MOVED_ROW):
            return False
        if here is None:
            begun = await self.has_begun()
            claim = MOVED_ROW if begun else value
            claimed = await self.source.put_row(key, claim, expected=0, expires_at=expires_at)
            if not begun or not claimed:
                return claimed
        version = there.version if there else 0  # of a mark that a move before this one left
        return await self.target.put_row(key, value, expected=version, expires_at=expires_at)
