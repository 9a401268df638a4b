"""The steps of a move. Each may be repeated, raced and cut short at any point.

First the target gets a copy; then one step in the source leaves a mark there, unless what was copied
has changed meanwhile. Until that step the source's row counts, and after it the target's.
"""

from typing import Protocol

from coatcheck.core.errors import CorruptRecord, StoreUnavailable
from coatcheck.core.moving import MOVED_ROW, SEAL, Movable, has_moved, is_sealed
from coatcheck.core.record import Tombstone
from coatcheck.core.store import Rows, Scan, Store

BEGUN = "coatcheck:moving"  # the row in the source that says: from now on things move
ATTEMPTS = 200  # of which one gets through unless somebody writes without a pause


class Side(Store, Movable, Rows, Scan, Protocol):
    """What the source and the target of a move must be able to do."""


async def move_session(source: Side, target: Side, id: str) -> bool:
    """Bring one session, alive or ended, to the target; tell whether this call moved it.

    Raises:
        CorruptRecord: It cannot be read, here or there.
        StoreUnavailable: It is written to all the time, faster than a copy is made.
    """
    for _ in range(ATTEMPTS):
        found = await source.load(id)
        if found is None or has_moved(found):
            return False
        await target.adopt([found])
        if isinstance(found, Tombstone):
            return False
        # The mark must outlive the session, for it says where the session is.
        if await source.hand_over(id, found.rev, found.absolute_at):
            return True
    raise StoreUnavailable(
        f"session {id} is written to faster than it can move",
        remedy="Try again; if it goes on, look for a client that never pauses",
    )


async def move_user(source: Side, target: Side, user_id: str) -> int:
    """Bring a user's entry to the target, with all sessions in it; return how many this call moved.

    The seal comes first. From then on nobody can add to the entry in the source, and whoever looks at
    a version of it starts over. A version that was read before the seal stays good for one sign-in
    exactly if nobody raised it since.
    """
    while not is_sealed(version := (await source.user(user_id)).version):
        await source.set_version(user_id, version + SEAL, expected=version)
    await _raise_version(target, user_id, version % SEAL)
    moved = 0
    for id in (await source.user(user_id)).ids:
        try:
            moved += await move_session(source, target, id)
        except CorruptRecord:
            continue  # nobody can be signed in with it, here or there
    return moved


async def move_row(source: Side, target: Side, key: str, expires_at: float) -> bool:
    """Bring one small row to the target; tell whether this call moved it."""
    copied = False
    while True:
        there, found = await target.row(key), await source.row(key)
        if found is None and copied:
            await target.delete_row(key)  # whoever deleted it did not know of the copy
        if found is None or found.value == MOVED_ROW:
            return False
        version = there.version if there else 0
        copied = await target.put_row(key, found.value, expected=version, expires_at=expires_at)
        if copied and await source.put_row(key, MOVED_ROW, expected=found.version, expires_at=expires_at):
            return True


async def _raise_version(target: Side, user_id: str, least: int) -> None:
    """Let a user's version be at least so much in the target, and not sealed by a move before this one."""
    while True:
        version = (await target.user(user_id)).version
        seals, changes = divmod(version, SEAL)
        wanted = (seals + seals % 2) * SEAL + max(changes, least)
        if version == wanted or await target.set_version(user_id, wanted, expected=version):
            return
