"""What the ledger says of itself: how far its chains have come, and where they begin by now.

Both are entries like any other, in the chain of the worker that wrote them, and may be signed.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Protocol

import msgspec

from coatcheck.core.ledger import Entry
from coatcheck.watch.audit.chain import Body

CHECKPOINT: Literal["audit.checkpoint"] = "audit.checkpoint"
FORGOTTEN: Literal["audit.forgotten"] = "audit.forgotten"


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """An entry, as a statement names it.

    Attributes:
        seq: Its number in its chain.
        digest: Its digest, as hexadecimal characters.
        at: What happened then happened at this moment, in seconds since the epoch.
    """

    seq: int
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    at: float

    @classmethod
    def of(cls, entry: Entry) -> "Mark":
        """Return the mark of an entry."""
        return cls(entry.seq, entry.digest.hex(), entry.at)


Marks = Mapping[str, Mark]
"""Marks by the chain they are in."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement's body says.

    Attributes:
        event: `CHECKPOINT`: these were the last entries. `FORGOTTEN`: these were the last that went.
        at: When, in seconds since the epoch.
        chains: The entries; of a checkpoint those that had moved since the one before, whose own chain is
            among them: so each vouches for everything.
        before: What happened before this moment went, where it is about that.
        signature: Of all the rest, if somebody signed it.
        key: The key that did.
    """

    event: Literal["audit.checkpoint", "audit.forgotten"]
    at: float
    chains: dict[str, Mark]
    before: float | None = None
    signature: str | None = None
    key: str | None = None

    @classmethod
    def read(cls, body: Body) -> "Statement":
        """Read a body.

        Raises:
            msgspec.ValidationError: It is no statement.
        """
        return msgspec.convert(body, cls)


class Signer(Protocol):
    """Signs what the ledger says of itself; see `signing`."""

    def sign(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a body with its signature."""
        ...  # pragma: no cover


def checkpoint(at: float, heads: Iterable[Entry]) -> dict[str, Any]:
    """Return what says how far chains have come."""
    return _body(CHECKPOINT, at, {head.chain: Mark.of(head) for head in heads})


def forgotten(at: float, before: float, ends: Marks) -> dict[str, Any]:
    """Return what says that what happened before a moment goes now, and with which entries that ends."""
    return _body(FORGOTTEN, at, ends) | {"before": before}


def _body(event: str, at: float, chains: Marks) -> dict[str, Any]:
    time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return {"event": event, "time": time, "at": at, "chains": msgspec.to_builtins(chains)}
