"""A store around another store, for doubles that watch or disturb its verbs."""

from collections.abc import Callable, Iterable, Sequence
from inspect import iscoroutinefunction
from typing import Any

from coatcheck.core.change import Change
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.skills import VERBS
from coatcheck.core.store import Cap, Ending, Store, UserEntry


class WrappedStore:
    """Hands every verb on to the inner store, after `before` was told its name.

    It has a skill exactly if the inner store has it. But it never has `Cached`: who recalls does not read.
    """

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        for skill, verbs in VERBS.items():
            if isinstance(inner, skill):
                # On the instance: `isinstance(store, Rows)` looks there too, and finds what the class lacks.
                vars(self).update({verb: self._passing(verb) for verb in verbs})

    def before(self, verb: str) -> None:
        """Hear that a verb is about to run; raise to stop it."""
        raise NotImplementedError

    async def create(self, record: Record, user_version: int = 0, cap: Cap | None = None) -> tuple[str, ...]:
        """Store a new record."""
        self.before("create")
        return await self.inner.create(record, user_version, cap)

    async def load(self, id: str) -> Record | Tombstone | None:
        """Return the record, its tombstone, or None."""
        self.before("load")
        return await self.inner.load(id)

    async def save(self, id: str, change: Change) -> Record | None:
        """Apply a change to the current record."""
        self.before("save")
        return await self.inner.save(id, change)

    async def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Record activity."""
        self.before("touch")
        await self.inner.touch(touches)

    async def end(self, endings: Sequence[Ending]) -> int:
        """Replace records by tombstones."""
        self.before("end")
        return await self.inner.end(endings)

    async def delete(self, ids: Iterable[str]) -> int:
        """Remove rows for good."""
        self.before("delete")
        return await self.inner.delete(ids)

    async def user(self, user_id: str) -> UserEntry:
        """Return the user's entry."""
        self.before("user")
        return await self.inner.user(user_id)

    async def bump(self, user_id: str) -> UserEntry:
        """Raise the user's version."""
        self.before("bump")
        return await self.inner.bump(user_id)

    async def sweep(self, before: float, limit: int) -> int:
        """Delete what ended or expired before `before` (seconds since the epoch)."""
        self.before("sweep")
        return await self.inner.sweep(before, limit)

    async def close(self) -> None:
        """Close the inner store."""
        self.before("close")
        await self.inner.close()

    def _passing(self, verb: str) -> Callable[..., Any]:
        passed: Callable[..., Any] = getattr(self.inner, verb)
        if not iscoroutinefunction(passed):  # a feed, a doorbell: nothing is asked of the store yet
            return passed

        async def call(*args: Any, **kwargs: Any) -> Any:
            self.before(verb)
            return await passed(*args, **kwargs)

        return call
