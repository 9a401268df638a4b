"""Moving from one store to another while both are in use: what a store must be able to do for it.

A session, a user's entry or a small row is the source's until one atomic step there leaves a mark:
a tombstone with the reason `moved`, a sealed version, the value `MOVED_ROW`. From that step on it is
the target's, which held a copy before. A worker that was never told of the target finds the mark,
and must answer as if its store were down: what moved has not ended.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import msgspec

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone

MOVED_ROW = b"\xc1 moved to another store"  # no value of ours begins so: MessagePack never uses 0xC1
SEAL = 2**40  # what a version is raised by when its user moves, and when they come back


class KeptRow(msgspec.Struct, frozen=True):
    """A small row with all that is known of it; `expires_at` in seconds since the epoch."""

    key: str
    value: bytes
    version: int
    expires_at: float

    def __repr__(self) -> str:
        return f"<KeptRow {self.key}, version {self.version}>"  # its value may hold a key


@runtime_checkable
class Movable(Protocol):
    """Skill: gives what it holds to another store, and takes it from one."""

    async def adopt(self, rows: Sequence[Record | Tombstone]) -> None:
        """Store each row that `supersedes` what is there, in whatever order they come.

        Neither the user's version nor the cap is asked.
        """
        ...  # pragma: no cover

    async def hand_over(self, id: str, rev: int, at: float) -> bool:
        """Replace a record by a tombstone `moved` if its revision is still `rev`; tell whether it was.

        Every stored change raises the revision, a touch too: so what was copied is what there was.
        """
        ...  # pragma: no cover

    async def set_version(self, user_id: str, version: int, *, expected: int) -> bool:
        """Set the user's version if it is still `expected`; tell whether it was. It has 63 bits."""
        ...  # pragma: no cover

    async def scan_rows(self, after: str, limit: int) -> list[KeptRow]:
        """Return at most `limit` small rows with keys greater than `after`, in order."""
        ...  # pragma: no cover


def supersedes(row: Record | Tombstone, present: Record | Tombstone | None) -> bool:
    """Tell whether a row replaces what is there: the newer revision does, and an end does for good.

    A mark gives way to both: the session comes back to a store that it left.
    """
    if isinstance(present, Tombstone):
        return has_moved(present)
    if present is None or isinstance(row, Tombstone):
        return True
    return row.rev > present.rev


def is_sealed(version: int) -> bool:
    """Tell whether a version is the mark of a user who lives in another store."""
    return version // SEAL % 2 == 1


def has_moved(row: Record | Tombstone | None) -> bool:
    """Tell whether a row is the mark of a session that lives in another store."""
    return isinstance(row, Tombstone) and row.reason is Reason.MOVED


def moved_away() -> StoreUnavailable:
    """Return what to raise where this store is asked for something that lives in another."""
    return StoreUnavailable(
        "this has moved to another store, which this worker does not know",
        remedy="Restart the worker with the new store, and moving_from=the old one while the move lasts",
    )
