"""A worker's chain of entries, and what an entry says."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from coatcheck.core.entropy import Entropy
from coatcheck.core.ledger import Entry, follow, genesis

_ID_BYTES = 8

Body = Mapping[str, Any]
"""What an entry says: what `describe` makes of an event, or what the ledger says of itself."""

canonical = msgspec.json.Encoder(order="sorted").encode
"""Returns the one text of a body."""


class Chain:
    """As far as it has come. Nobody else writes to it, for its id is drawn at the start.

    Attributes:
        id: 16 hexadecimal characters.
        last: Its last entry; None before the first.
    """

    def __init__(self, entropy: Entropy) -> None:
        self.id = entropy.token_bytes(_ID_BYTES).hex()
        self.last: Entry | None = None

    def extend(self, bodies: Sequence[Body]) -> list[Entry]:
        """Return the entries that come next; they count once `last` is one of them."""
        seq, digest = (self.last.seq, self.last.digest) if self.last else (0, genesis(self.id))
        entries = []
        for body in bodies:
            text = canonical(body)
            seq, digest = seq + 1, follow(digest, text)
            entries.append(
                Entry(
                    chain=self.id,
                    seq=seq,
                    digest=digest,
                    text=text,
                    name=body["event"],
                    at=body["at"],
                    session_id=body.get("session_id"),
                    user_id=body.get("user_id"),
                )
            )
        return entries


def said(entry: Entry) -> dict[str, Any]:
    """Return the body of an entry; an empty one if it is damaged."""
    try:
        return entry.body
    except msgspec.DecodeError:
        return {}


def moment(entry: Entry) -> float:
    """Return when it happened by its text, which the digest covers; never if that does not say."""
    at = said(entry).get("at")
    return float(at) if isinstance(at, int | float) else float("inf")
