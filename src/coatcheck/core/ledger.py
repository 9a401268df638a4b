"""The audit ledger: entries in chains, and what a store must be able to do to keep them.

Each worker writes a chain of its own, so nobody waits for anybody. An entry's digest covers its text and
the digest before it: whoever edits, removes or moves one must compute all that follow anew.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from coatcheck.core.errors import CorruptRecord
from coatcheck.core.events.event import Event
from coatcheck.core.events.wire import revive


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of the ledger.

    Attributes:
        chain: The chain it is in, one for each worker that ever was.
        seq: Its number there, from 1.
        digest: SHA-256 of the digest before it, and of its text.
        text: What happened, as a JSON object whose keys are sorted.
        name: The kind of event; like the next three it is what the text says, for searching.
        at: When it happened, in seconds since the epoch.
        session_id: The session it concerns, if any.
        user_id: The user it concerns, if any.
        place: Its number in this ledger, which rises in the order of arrival; the store sets it.
    """

    chain: str
    seq: int
    digest: bytes
    text: bytes
    name: str
    at: float
    session_id: str | None = None
    user_id: str | None = None
    place: int = 0

    @property
    def body(self) -> dict[str, Any]:
        """What happened, as a mapping.

        Raises:
            msgspec.DecodeError: Somebody has damaged the text.
        """
        try:
            body: dict[str, Any] = msgspec.json.decode(self.text, type=dict[str, Any])
        except UnicodeDecodeError as error:  # which the decoder passes on as it is
            raise msgspec.DecodeError(str(error)) from error
        return body

    @property
    def event(self) -> Event | None:
        """The event it tells of; None where it is about the ledger itself, or damaged."""
        try:
            return revive(self.body)
        except (CorruptRecord, msgspec.DecodeError):
            return None


def genesis(chain: str) -> bytes:
    """Return what stands for the digest before the first entry: no chain passes for another."""
    return hashlib.sha256(chain.encode()).digest()


def follow(previous: bytes, text: bytes) -> bytes:
    """Return the digest of an entry."""
    return hashlib.sha256(previous + text).digest()


class Note(msgspec.Struct, frozen=True):
    """What a store leaves in the very step that changes a session, until the ledger tells of the change.

    Attributes:
        key: What changed; the ledger's entry about it drops the note with this key.
        user_id: The user it concerns, if any.
        at: When, in seconds since the epoch; 0 where the change does not say.
    """

    key: str
    user_id: str | None
    at: float

    @property
    def parts(self) -> tuple[str, str, str]:
        """The kind of event, the session or user it is about, and what it is about them."""
        name, subject, detail = self.key.split("\n", 2)
        return name, subject, detail


def note_key(name: str, subject: object, detail: object = "") -> str:
    """Return the key of a note, from the parts that `Note.parts` returns."""
    return f"{name}\n{subject}\n{detail}"


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; what is None does not matter.

    Attributes:
        session_id: Entries about this session.
        user_id: Entries about this user.
        name: Entries of this kind.
        since: Not before, in seconds since the epoch.
        until: Before, in seconds since the epoch.
    """

    session_id: str | None = None
    user_id: str | None = None
    name: str | None = None
    since: float | None = None
    until: float | None = None

    def matches(self, entry: Entry) -> bool:
        """Tell whether an entry is looked for."""
        return (
            self.session_id in (None, entry.session_id)
            and self.user_id in (None, entry.user_id)
            and self.name in (None, entry.name)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


@runtime_checkable
class Ledger(Protocol):
    """Skill: keeps the audit ledger. It judges nothing: what does not fit together is kept all the same."""

    async def append(self, entries: Sequence[Entry], settled: Sequence[str] = ()) -> None:
        """Store entries of one chain in one step, and drop the notes (see `Notes`) with the keys `settled`.

        Raises:
            ChainForked: An entry with that number is in that chain already; nothing was stored.
        """
        ...  # pragma: no cover

    async def find(self, search: Search, before: int | None, limit: int) -> list[Entry]:
        """Return at most `limit` entries in places lower than `before`, the newest first."""
        ...  # pragma: no cover

    async def chain(self, id: str, after: int, limit: int) -> list[Entry]:
        """Return at most `limit` entries of a chain with numbers greater than `after`, in order."""
        ...  # pragma: no cover

    async def heads(self) -> list[Entry]:
        """Return the last entry of every chain."""
        ...  # pragma: no cover

    async def forget(self, id: str, through: int) -> int:
        """Remove the entries of a chain up to a number; return how many."""
        ...  # pragma: no cover


@runtime_checkable
class Notes(Protocol):
    """Skill: what changes a session leaves a note in the same step, so that no crash hides the change.

    That is what creates a session, commits a move of its chain, changes its identity, or ends it.
    """

    def take_notes(self) -> None:
        """Leave notes from now on: somebody brings them into the ledger."""
        ...  # pragma: no cover

    async def notes(self, limit: int) -> list[Note]:
        """Return at most `limit` notes, the oldest first."""
        ...  # pragma: no cover
