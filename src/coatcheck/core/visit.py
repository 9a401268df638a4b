"""What one request brings before the plan: its facts, and the move of the chain drawn for it."""

import msgspec

from coatcheck.core.chain import Standing
from coatcheck.core.change import NO_DATA_CHANGE, DataChange
from coatcheck.core.record import Record
from coatcheck.core.token import Token


class Response(msgspec.Struct, frozen=True, gc=False):
    """What answers a request.

    Attributes:
        status: HTTP status.
        active: A person acted (protocol.md section 1).
        cacheable: A shared cache may store it.
    """

    status: int = 200
    active: bool = False
    cacheable: bool = False


class Visit(msgspec.Struct, frozen=True):
    """What one request leaves behind: the facts that `settle` judges.

    Attributes:
        record: The record the request works on; None for an anonymous visitor.
        standing: What its token was to the record's chain.
        token: The token that was presented.
        data: What the handler did to the session data.
        seen_at: When a person acted, in seconds since the epoch; None for a passive request.
        status: HTTP status of the response.
        cacheable: A shared cache may store the response.
        began: `record` was created by a sign-in on this very request.
        ended: The user signed out on this very request.
        authenticated: How the user proved themselves again on this request (RFC 8176).
        replaced: Ids of the sessions that the sign-in replaces.
    """

    record: Record | None
    standing: Standing | None = None
    token: Token | None = None
    data: DataChange = NO_DATA_CHANGE
    seen_at: float | None = None
    status: int = 200
    cacheable: bool = False
    began: bool = False
    ended: bool = False
    authenticated: tuple[str, ...] | None = None
    replaced: tuple[str, ...] = ()


class Move(msgspec.Struct, frozen=True):
    """A move of the token chain, with the randomness it takes.

    Attributes:
        token: Becomes the current one: the successor that was presented, or a fresh one.
        next_key: Random key from which its own successor is derived.
        authenticated: For re-authentication: how the user proved themselves again (RFC 8176).
    """

    token: Token
    next_key: bytes
    authenticated: tuple[str, ...] | None = None
