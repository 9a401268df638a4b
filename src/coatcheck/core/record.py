"""The stored row of a session, and what is left of it afterwards."""

from math import isfinite

import msgspec

from coatcheck.core import lifetimes
from coatcheck.core.chain import Chain
from coatcheck.core.device import Device
from coatcheck.core.grant import Grants
from coatcheck.core.identity import Identity
from coatcheck.core.reason import Reason

EMPTY_DATA = b"{}"


# No part of a record can lead back to it, so the garbage collector need not look at any of them.
class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A live session as the store holds it.

    Attributes:
        id: Public handle: 32 hexadecimal characters, worthless as a credential.
        rev: Rises with every stored change; orders answers that overtake each other.
        chain: The rotation state of its cookie.
        identity: Who is signed in; None for an anonymous session.
        device: The client that opened it.
        csrf_key: Random key of the session's anti-forgery token (32 bytes).
        created_at: Seconds since the epoch.
        last_seen_at: Last activity, in seconds since the epoch.
        idle: Idle timeout of this session, in seconds.
        absolute_at: Absolute deadline, in seconds since the epoch.
        remember: The cookie outlives the browser.
        data: The session data, one JSON object.
        grants: Refresh tokens that hang on it, the oldest first.
        actor: User id of the operator who looks at the app as its user (`act` in RFC 8693).
    """

    id: str
    rev: int = 1
    chain: Chain
    identity: Identity | None = None
    device: Device = Device()
    csrf_key: bytes
    created_at: float
    last_seen_at: float
    idle: float
    absolute_at: float
    remember: bool = False
    data: bytes = EMPTY_DATA
    grants: Grants = ()
    actor: str | None = None

    def __post_init__(self) -> None:
        # No comparison with NaN is true: a session with such a deadline would never end (A53).
        stamps = self.created_at + self.last_seen_at + self.chain.committed_at
        if not isfinite(stamps + self.idle + self.absolute_at):
            raise ValueError("a session's stamps and deadlines are finite numbers")

    def __repr__(self) -> str:
        return f"<Record of session {self.id}, user {self.user_id}, rev {self.rev}>"

    @property
    def user_id(self) -> str | None:
        """The stable id of the signed-in user."""
        return self.identity.user_id if self.identity else None

    @property
    def expires_at(self) -> float:
        """When the session ends unless somebody is active: seconds since the epoch."""
        return lifetimes.expires_at(self.last_seen_at, self.idle, self.absolute_at)

    def has_expired(self, now: float, tolerance: float) -> bool:
        """Tell whether a deadline has passed on every clock that is right within the tolerance."""
        return now > self.last_seen_at + self.idle + tolerance or now > self.absolute_at + tolerance

    @property
    def timeout(self) -> Reason:
        """Which of its two deadlines comes first, as the reason once it has passed."""
        return Reason.ABSOLUTE_TIMEOUT if self.expires_at == self.absolute_at else Reason.IDLE_TIMEOUT

    def accepts_touch(self, seen_at: float) -> bool:
        """Tell whether activity at `seen_at` is news, and the session was alive at that moment."""
        return self.last_seen_at < seen_at <= self.absolute_at and seen_at <= self.last_seen_at + self.idle

    def touched(self, seen_at: float) -> "Record | None":
        """Return the record after activity at `seen_at`, or None where it changes nothing."""
        if not self.accepts_touch(seen_at):
            return None
        return msgspec.structs.replace(self, last_seen_at=seen_at, rev=self.rev + 1)

    def entomb(self, reason: Reason, at: float) -> "Tombstone":
        """Return what stays after the end: enough to say why, nothing to sign in with."""
        return Tombstone(
            id=self.id,
            reason=reason,
            at=at,
            user_id=self.user_id,
            family_digest=self.chain.family_digest,
        )


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """An ended session, kept for a retention time so that "why was I signed out?" has an answer.

    Attributes:
        id: The id, never to be used again.
        reason: Why it ended.
        at: When, in seconds since the epoch.
        user_id: Whose it was; None if it was anonymous or never created.
        family_digest: Recognises the tokens of its chain, so that only their holder learns the reason.
    """

    id: str
    reason: Reason
    at: float
    user_id: str | None = None
    family_digest: bytes = b""
