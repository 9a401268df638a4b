"""What the ledger says of itself: how far its chains have come, and where they begin by now.

Both are entries like any other, in the chain of the worker that wrote them, and may be signed.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol

import msgspec

from coatcheck.core.clock import timestamp
from coatcheck.core.ledger import Entry, follow, genesis
from coatcheck.watch.audit.chain import Body, canonical, moment

CHECKPOINT: Literal["audit.checkpoint"] = "audit.checkpoint"
FORGOTTEN: Literal["audit.forgotten"] = "audit.forgotten"
STATEMENTS = (CHECKPOINT, FORGOTTEN)


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
        return cls(entry.seq, entry.digest.hex(), moment(entry))


Marks = Mapping[str, Mark]
"""Marks by the chain they are in."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement's body says.

    Attributes:
        event: `CHECKPOINT`: these entries are there. `FORGOTTEN`: these were the last that went.
        at: When, in seconds since the epoch.
        chains: The entries; of a checkpoint the last of the worker's own chain, and the newest checkpoints
            of others: so each vouches for everything that they vouch for.
        before: What happened before this moment went, where it is about that.
        chain: Of a checkpoint: the one it stands in, right behind the entry that it names of it; as the
            first entry, where it names none.
        signature: Of all the rest, if somebody signed it.
        key: The key that did.
    """

    event: Literal["audit.checkpoint", "audit.forgotten"]
    at: float
    chains: dict[str, Mark]
    before: float | None = None
    chain: str | None = None
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
    """Signs what the ledger says of itself, and knows what was signed; see `signing`."""

    def have_signed(self, body: Body) -> bool:
        """Tell whether a body has a signature that is believed."""
        ...  # pragma: no cover

    def sign(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a body with its signature."""
        ...  # pragma: no cover


def checkpoint(at: float, marks: Marks, chain: str | None = None) -> dict[str, Any]:
    """Return what says how far chains have come; `chain` is the one it comes into, if it does."""
    return _body(CHECKPOINT, at, marks) | ({} if chain is None else {"chain": chain})


def own_mark(body: Body) -> tuple[str, Mark] | None:
    """Return where a checkpoint stands, by what it says itself: what was signed tells no lie of that.

    Returns:
        Its chain, and the mark that its entry has there; None if it does not say.
    """
    try:
        statement = Statement.read(body)
    except msgspec.ValidationError:
        return None
    if statement.chain is None:
        return None
    before = statement.chains.get(statement.chain)
    seq, digest = (before.seq, bytes.fromhex(before.digest)) if before else (0, genesis(statement.chain))
    return statement.chain, Mark(seq + 1, follow(digest, canonical(body)).hex(), statement.at)


def forgotten(at: float, before: float, ends: Marks) -> dict[str, Any]:
    """Return what says that what happened before a moment goes now, and with which entries that ends."""
    return _body(FORGOTTEN, at, ends) | {"before": before}


def _body(event: str, at: float, chains: Marks) -> dict[str, Any]:
    time = timestamp(at, "+00:00")  # as in every entry
    return {"event": event, "time": time, "at": at, "chains": msgspec.to_builtins(chains)}
