"""What a handler asked of the manager during one request."""

from dataclasses import dataclass

from coatcheck.core.record import Record
from coatcheck.core.token import Token


@dataclass(frozen=True, slots=True)
class Acts:
    """What a handler asked for; `close` makes it final.

    Attributes:
        handout: The token of a sign-in on this request, which also made the record.
        replaced: Ids of the sessions the sign-in replaces.
        left: The last of these, as it was when the user signed in.
        ended: The user signed out.
        authenticated: How the user proved themselves again (RFC 8176).
    """

    handout: Token | None = None
    replaced: tuple[str, ...] = ()
    left: Record | None = None
    ended: bool = False
    authenticated: tuple[str, ...] | None = None


NO_ACTS = Acts()  # shared by every session whose handler asks for nothing
