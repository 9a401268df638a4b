"""The users' entries: a version and the ids of their sessions, in a slot that is not the sessions'.

No step here spans two slots, so their order has to be safe wherever a process or a server stops in between:

- A session is stored before its id enters the index, and no token of it is out before both are done. So an id
  in the index is never one that is yet to come alive: one that is dead is dropped by whoever meets it.
- The version is checked, the cap applied and the id added in one step. A revocation that comes before makes
  the sign-in fail; one that comes after finds the id, and the session behind it.
- The cap evicts before it lets in. In between there may be one session too few, never one too many.
- A session whose id could not enter is taken back. Should that fail too, nobody has a token of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from coatcheck.core.errors import CorruptRecord, StaleUser, StoreUnavailable
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record
from coatcheck.core.store import Cap, Ending, UserEntry
from coatcheck.stores.redis import scripts
from coatcheck.stores.redis.keys import Keys
from coatcheck.stores.redis.link import Link
from coatcheck.stores.redis.scripts import Argument, Call
from coatcheck.stores.redis.sessions import Sessions

ATTEMPTS = 100  # for a sign-in whose look at the others is outdated; somebody gets in each time
_VERSION = b"version"


class Users:
    """The index of live sessions, user by user.

    Args:
        link: Reaches the servers.
        keys: Names of keys.
        retention: Seconds for which an entry outlives its last session.
        sessions: What the index is of.
    """

    def __init__(self, link: Link, keys: Keys, retention: float, sessions: Sessions) -> None:
        self._link = link
        self._keys = keys
        self._retention = retention
        self._sessions = sessions

    async def entry(self, user_id: str) -> UserEntry:
        """Return the user's version and the ids of their live sessions, oldest first."""
        found = await self._link.command("HGETALL", self._keys.user(user_id))
        return await self._alive(user_id, found)

    async def bump(self, user_id: str) -> UserEntry:
        """Raise the user's version and return the entry."""
        call = Call(scripts.BUMP, (self._keys.user(user_id),), (self._retention,))
        [flat] = await self._link.run_all([call], replicated=True)
        return await self._alive(user_id, _pairs(flat))

    async def enter(self, record: Record, user_id: str, version: int, cap: Cap | None) -> tuple[str, ...]:
        """Add a session that is stored to the index; return the ids of those evicted to make room.

        Raises:
            StaleUser: The user's version is not `version`.
            TooManySessions: The cap denies one more.
        """
        evicted: list[str] = []
        others = _Others()
        for _ in range(ATTEMPTS):
            verdict, *found = await self._link.run(self._entering(record, user_id, version, cap, others))
            if verdict == b"in":
                return tuple(evicted)
            if verdict == b"stale" or cap is None:
                raise StaleUser(f"user {user_id} changed during sign-in")
            _, ids = _read(user_id, _pairs(found))
            others = await self._look(user_id, ids, record.created_at)
            surplus = cap.surplus(others.living)
            endings = [Ending(id, Reason.EVICTED, record.created_at) for id in surplus]
            ended = await self._sessions.end(endings)
            evicted += [id for id, was_alive in zip(surplus, ended, strict=True) if was_alive]
            others.dead += surplus
        raise StoreUnavailable(
            f"sessions of user {user_id} come faster than they can be counted",
            remedy="Try again in a moment; if it goes on, look for a flood of sign-ins to one account",
        )

    async def set_version(self, user_id: str, version: int, expected: int) -> bool:
        """Set the user's version if it is still `expected`."""
        args = (version, expected, self._retention)
        return bool(await self._link.run(Call(scripts.SET_VERSION, (self._keys.user(user_id),), args)))

    async def enter_again(self, records: Iterable[Record]) -> None:
        """Put live sessions into their users' index, should they not be there; visitors have none."""
        calls = [
            Call(
                scripts.LIST,
                (self._keys.user(record.user_id),),
                (record.id, record.created_at, record.absolute_at, self._retention),
            )
            for record in records
            if record.user_id is not None
        ]
        await self._link.run_all(calls)

    def _entering(
        self, record: Record, user_id: str, version: int, cap: Cap | None, others: "_Others"
    ) -> Call:
        args: tuple[Argument, ...] = (
            *(record.id, record.created_at, record.absolute_at, self._retention),
            version,
            cap.limit if cap else "",
            len(others.dead),
            *others.dead,
            *others.expired,
        )
        return Call(scripts.ENTER, (self._keys.user(user_id),), args)

    async def _alive(self, user_id: str, found: Mapping[bytes, bytes]) -> UserEntry:
        version, ids = _read(user_id, found)
        others = await self._look(user_id, ids, 0.0)
        if others.dead:
            with suppress(StoreUnavailable):  # whoever meets them next drops them
                await self._link.command("HDEL", self._keys.user(user_id), *others.dead)
        return UserEntry(version, tuple(others.living))

    async def _look(self, user_id: str, ids: Sequence[str], now: float) -> "_Others":
        """Look at the sessions that an index names: no step spans their slots and its own."""
        others = _Others()
        for id, found in zip(ids, await self._sessions.owners(ids), strict=True):
            owner, deadline = found or (None, b"")
            if owner is None or owner not in (user_id.encode(), b""):
                others.dead.append(id)
            elif deadline and float(deadline) < now:
                others.expired.append(id)
            else:
                others.living.append(id)
        return others


@dataclass(slots=True)
class _Others:
    """What became of the sessions in an index, oldest first.

    Attributes:
        living: They take a place. One that cannot be read is among them, so that it can be ended.
        expired: They take none, and stay until they are swept.
        dead: They ended, were swept or lost, or are another user's by now.
    """

    living: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)


def _pairs(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _read(user_id: str, found: Mapping[bytes, bytes]) -> tuple[int, list[str]]:
    """Return the version of an entry and its ids, oldest first."""
    try:
        version = int(found.get(_VERSION, 0))
        dated = sorted((float(at), id.decode()) for id, at in found.items() if id != _VERSION)
    except ValueError as error:
        raise CorruptRecord(
            f"the entry of user {user_id} cannot be read",
            remedy="Delete its key in Redis; the user signs in again",
        ) from error
    return version, [id for _, id in dated]
