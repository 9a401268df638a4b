"""A grant: a chain of refresh tokens in the record of a session, and how records keep several.

Its tokens carry the session's id and a family that no cookie has, so a token is valid for its carrier
only, and what carries it ends with the session by construction.
"""

from math import isfinite

import msgspec

from coatcheck.core import lifetimes
from coatcheck.core.chain import CURRENT, Chain, Standing
from coatcheck.core.lifetimes import Rotation
from coatcheck.core.token import Token

MAX_GRANTS = 10  # for each session: the oldest makes room (protocol.md section 2)
ID_CHARACTERS = 16


class Grant(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One client's refresh tokens.

    Attributes:
        chain: Which of them count; the same rules as a cookie's.
        confirmed_at: When an access token was first used that went out with the successor, in seconds since
            the epoch: the successor arrived, so the current token is retired. Only the successor
            itself can move the chain, for nobody else knows what follows it.
    """

    chain: Chain
    confirmed_at: float | None = None

    def __post_init__(self) -> None:
        if not isfinite(self.chain.committed_at + (self.confirmed_at or 0.0)):
            raise ValueError("the stamps of a grant are finite numbers")

    @property
    def id(self) -> str:
        """Public handle within its session: 16 hexadecimal characters, worthless as a credential."""
        return self.chain.family_digest.hex()[:ID_CHARACTERS]

    def standing(self, token: Token, now: float, rotation: Rotation) -> Standing:
        """Tell what a presented token is to this grant; `now` in seconds since the epoch."""
        standing = self.chain.standing(token, now, rotation)
        if standing is not CURRENT or self.confirmed_at is None:
            return standing
        is_late = lifetimes.age(self.confirmed_at, now) > rotation.grace
        return Standing.RETIRED if is_late else Standing.PREVIOUS

    def committed(self, token: Token, now: float, next_key: bytes) -> "Grant":
        """Make `token`, the successor, the current one: since it was confirmed, if it was."""
        at = now if self.confirmed_at is None else self.confirmed_at
        return Grant(chain=self.chain.commit(token, at, next_key))

    def confirmed(self, step: int, now: float) -> "Grant | None":
        """Note that an access token of a step was used; None where that is no news."""
        if self.confirmed_at is not None or step != self.chain.generation + 1:
            return None
        return Grant(chain=self.chain, confirmed_at=now)

    def may_offer(self, now: float, rotation: Rotation) -> bool:
        """Tell whether the successor may be offered: never while the previous token counts.

        A request that carried it would find itself two steps behind, and its sender accused.
        """
        return now - self.chain.committed_at > rotation.grace

    def __repr__(self) -> str:
        return f"<Grant {self.id}, {self.chain!r}>"


Grants = tuple[Grant, ...]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Grants).decode


def find(grants: Grants, id: str) -> Grant | None:
    """Return the grant of an id."""
    return next((grant for grant in grants if grant.id == id), None)


def replace(grants: Grants, grant: Grant) -> Grants:
    """Return the grants with this one in the place of its former self."""
    return tuple(grant if each.id == grant.id else each for each in grants)


def add(grants: Grants, grant: Grant) -> Grants:
    """Return the grants with one more; the oldest makes room."""
    return (*grants, grant)[-MAX_GRANTS:]


def pack(grants: Grants) -> bytes:
    """Return what a store keeps that has no use for the parts: the same bytes for the same grants."""
    return _encode(grants) if grants else b""


def unpack(packed: bytes) -> Grants:
    """Return the grants.

    Raises:
        ValueError: It is cut short, or has a value of the wrong type or shape.
    """
    return _decode(packed) if packed else ()
