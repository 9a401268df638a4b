"""The key ring: which key signs, which ones still verify, and which are published. Pure.

A key lives through four states, by the clock alone:

    next        published, so that every verifier knows it before it is used
    signing     the newest one whose time has come
    verifying   a newer one signs; tokens of this one are still out
    spent       the last of its tokens has expired
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from coatcheck.core.errors import ConfigurationError
from coatcheck.tokens.key import ALGORITHMS, Algorithm, Jwk, Key

KEY_SET_AGE = 300.0  # seconds that a verifier may keep a published key set


class State(StrEnum):
    """What a key is good for at a moment."""

    NEXT = "next"
    SIGNING = "signing"
    VERIFYING = "verifying"
    SPENT = "spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPolicy:
    """How keys come and go.

    Attributes:
        algorithm: Of new keys: ES256, which every JOSE library knows, or Ed25519 (RFC 9864).
        lead: Seconds a new key is published before it signs; longer than any verifier keeps a key set.
        keep: Seconds a replaced key still verifies: the longest life a token may have, and clock tolerance.
        reload: Seconds after which a process looks for what others did to the ring.
    """

    algorithm: Algorithm = "ES256"
    lead: float = 900.0
    keep: float = 3900.0
    reload: float = 60.0

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS or self.algorithm == "HS256":
            raise ConfigurationError(
                f"keys for {self.algorithm} are not generated", remedy="Use ES256 or Ed25519"
            )
        if not 0 < self.reload < self.lead:
            raise ConfigurationError(
                f"reload={self.reload:g} is not shorter than lead={self.lead:g}: a key would sign unknown",
                remedy="Publish keys for longer, or look for them more often",
            )


class RingKey(msgspec.Struct, frozen=True):
    """A key with its place in time.

    Attributes:
        key: The key.
        created_at: Seconds since the epoch.
        signs_from: When its time comes, in seconds since the epoch.
    """

    key: Key
    created_at: float
    signs_from: float


class Ring:
    """Some keys, as one process knows them.

    Args:
        entries: In any order.
        keep: Seconds a replaced key still verifies.
    """

    def __init__(self, entries: Iterable[RingKey], keep: float) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: (entry.signs_from, entry.created_at)))
        self._keep = keep

    def state(self, kid: str, now: float) -> State:
        """Return what a key of the ring is good for at `now` (seconds since the epoch)."""
        index = next(i for i, entry in enumerate(self.entries) if entry.key.kid == kid)
        if self.entries[index].signs_from > now:
            return State.NEXT
        later = self.entries[index + 1 : index + 2]
        if not later or later[0].signs_from > now:
            return State.SIGNING
        return State.VERIFYING if now <= later[0].signs_from + self._keep else State.SPENT

    def signer(self, now: float) -> Key | None:
        """Return the key that signs at `now`; None if there is none."""
        ready = [entry.key for entry in self.entries if entry.signs_from <= now]
        return ready[-1] if ready else None

    def find(self, kid: str, now: float) -> Key | None:
        """Return the key of an id, unless it is spent."""
        for entry in self.entries:
            if entry.key.kid == kid:
                return None if self.state(kid, now) is State.SPENT else entry.key
        return None

    def public(self, now: float) -> list[Jwk]:
        """Return the JWKs of all keys that verify, or soon will."""
        return [entry.key.public_jwk() for entry in self.current(now) if not entry.key.is_shared]

    def current(self, now: float) -> tuple[RingKey, ...]:
        """Return what is not spent."""
        return tuple(entry for entry in self.entries if self.state(entry.key.kid, now) is not State.SPENT)
