"""Why a token counts as reused: what is told of it, since the verdict alone convinces nobody."""

import msgspec

from coatcheck.core import lifetimes
from coatcheck.core.chain import Chain
from coatcheck.core.token import Token


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why a token counts as reused.

    Attributes:
        presented: Generation of the token that came.
        current: Generation the record is at.
        age: Seconds since the token after it became the one that counts.
        one_step_back: It is the direct predecessor: a jar that went back looks like this too.
    """

    presented: int
    current: int
    age: float
    one_step_back: bool


def against(token: Token, chain: Chain, retired_at: float, now: float) -> Evidence:
    """Return the evidence against a retired token; both times in seconds since the epoch."""
    return Evidence(
        presented=token.generation,
        current=chain.generation,
        age=lifetimes.age(retired_at, now),
        one_step_back=chain.is_one_step_back(token),
    )
