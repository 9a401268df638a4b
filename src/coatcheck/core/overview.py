"""The skill `Overview`: what an operator sees of all live sessions, in pages, however many there are.

A session is alive here until its deadline, to the second: the tolerance that `Record.has_expired` allows
clocks does not count.

No page and no count looks at every session. A search for a text has no index to go by: it walks a bounded
number of sessions back in time, and says where it stopped.
"""

from math import inf
from typing import Protocol, runtime_checkable

import msgspec

from coatcheck.core.device import Device
from coatcheck.core.identity import Identity
from coatcheck.core.record import Record

LOOKED_AT = 2_000  # sessions that one page of a search looks at, at most


class Place(msgspec.Struct, frozen=True, order=True):
    """Where a walk from the newest session to the oldest has come to: behind the session that it names.

    Attributes:
        created_at: When that session began, in seconds since the epoch.
        id: Its id: two may begin at one moment.
    """

    created_at: float = inf
    id: str = ""

    @classmethod
    def of(cls, record: Record) -> "Place":
        """Return the place behind a session."""
        return cls(record.created_at, record.id)


NEWEST = Place()


class Sought(msgspec.Struct, frozen=True):
    """Which sessions are wanted.

    Attributes:
        alive_at: Those that expire later than this moment, in seconds since the epoch.
        text: Those in whose device or user it occurs, in whatever case; empty for all.
    """

    alive_at: float
    text: str = ""

    def finds(self, record: Record) -> bool:
        """Tell whether a session is wanted."""
        return record.expires_at > self.alive_at and self.occurs_in(record.device, record.identity)

    def occurs_in(self, device: Device, identity: Identity | None) -> bool:
        """Tell whether the text occurs in what a person would know a session by."""
        if not self.text:
            return True
        known = [device.label, device.ip, device.user_agent]
        if identity is not None:
            known += [identity.name, identity.email, identity.user_id]
        return self.text.casefold() in "\n".join(known).casefold()


class Page(msgspec.Struct, frozen=True):
    """Some of what is wanted, the newest first.

    Attributes:
        records: Sessions; perhaps none, though more may follow.
        rest: Where the next page begins; None where nothing is left.
    """

    records: tuple[Record, ...]
    rest: Place | None = None


@runtime_checkable
class Overview(Protocol):
    """Skill: counts the live sessions, and shows them from the newest to the oldest."""

    async def count_alive(self, now: float) -> int:
        """Return how many sessions have not ended, and expire later than `now` (seconds since the epoch)."""
        ...  # pragma: no cover

    async def newest(self, sought: Sought, place: Place = NEWEST, limit: int = 50) -> Page:
        """Return at most `limit` sessions that began before a place; skips corrupt ones.

        At most `LOOKED_AT` sessions are looked at where a text is sought.
        """
        ...  # pragma: no cover
