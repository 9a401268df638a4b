"""The chain of tokens of one carrier: which of them counts, and what replaces it.

A chain has constant size: it knows the digests of three tokens (previous, current, next) and can
recognise every other token issued since the last authentication by its family. The family before
that is remembered too. No token itself is stored.
"""

from enum import Enum
from hmac import compare_digest
from typing import Annotated

import msgspec

from coatcheck.core import lifetimes
from coatcheck.core.entropy import Entropy
from coatcheck.core.lifetimes import Rotation
from coatcheck.core.token import Token

KEY_BYTES = 32
DIGEST_BYTES = 32

Digest = Annotated[bytes, msgspec.Meta(min_length=DIGEST_BYTES, max_length=DIGEST_BYTES)]


class Standing(Enum):
    """What a presented token is to a chain (the rows of the table in protocol.md section 2)."""

    CURRENT = "current"
    NEXT = "next"
    PREVIOUS = "previous"
    AHEAD = "ahead"
    RETIRED = "retired"
    FORMER = "former"
    FOREIGN = "foreign"


# Every request asks for these, and Python 3.11 takes 70 ns to find a member in its class.
CURRENT, NEXT, FOREIGN = Standing.CURRENT, Standing.NEXT, Standing.FOREIGN


class Chain(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The rotation state of one carrier.

    Attributes:
        family_digest: SHA-256 over id and family, the same for every token since the last authentication.
        generation: Generation of the current token.
        digest: SHA-256 of the current token.
        previous_digest: SHA-256 of the token before it, or None after an authentication.
        next_digest: SHA-256 of the successor that may have been offered.
        next_key: Random key from which the successor is derived.
        committed_at: When the current token was committed, in seconds since the epoch.
        due: A privilege changed elsewhere: offer a successor as soon as the overlap allows.
        former_family_digest: The family before the last authentication, whose tokens were proven
            obsolete; None where there was none.
    """

    family_digest: Digest
    generation: int
    digest: Digest
    previous_digest: Digest | None
    next_digest: Digest
    next_key: bytes
    committed_at: float
    due: bool = False
    former_family_digest: Digest | None = None

    def commit(self, token: Token, now: float, next_key: bytes) -> "Chain":
        """Make `token`, the successor, the current one."""
        return msgspec.structs.replace(
            start(token, max(now, self.committed_at), next_key),
            previous_digest=self.digest,
            former_family_digest=self.former_family_digest,
        )

    def authenticate(self, token: Token, now: float, next_key: bytes) -> "Chain":
        """Make a fresh `token` the current one; what its family replaces can only be superseded."""
        return msgspec.structs.replace(
            start(token, max(now, self.committed_at), next_key),
            former_family_digest=self.family_digest,
        )

    def renewal(self, token: Token, entropy: Entropy) -> Token:
        """Mint the token of a re-authentication: one generation on, in a family of its own."""
        return token.renewed(self.generation + 1, entropy)

    def standing(self, token: Token, now: float, rotation: Rotation) -> Standing:
        """Tell what a presented token is to this chain, comparing in constant time."""
        digest = token.digest
        if compare_digest(digest, self.digest):
            return CURRENT
        if compare_digest(digest, self.next_digest):
            return NEXT
        if not token.is_authentic(self.family_digest):
            return Standing.FORMER if self._is_former(token) else FOREIGN
        if self._is_previous(digest) and lifetimes.age(self.committed_at, now) <= rotation.grace:
            return Standing.PREVIOUS
        return Standing.AHEAD if token.generation >= self.generation else Standing.RETIRED

    def offer_due(self, now: float, rotation: Rotation) -> bool:
        """Tell whether the successor should be offered to the holder of the current token.

        Never while the previous token counts, to the last moment of it: a request that carried it
        would find itself two steps behind.
        """
        since = now - self.committed_at
        return since >= rotation.period or (self.due and since > rotation.grace)

    def is_one_step_back(self, token: Token) -> bool:
        """Tell whether `token` is the one just before the current: evidence, not a verdict."""
        return self._is_previous(token.digest)

    def _is_previous(self, digest: bytes) -> bool:
        return self.previous_digest is not None and compare_digest(digest, self.previous_digest)

    def _is_former(self, token: Token) -> bool:
        return self.former_family_digest is not None and token.is_authentic(self.former_family_digest)

    def __repr__(self) -> str:
        return f"<Chain at generation {self.generation}>"


def start(token: Token, now: float, next_key: bytes) -> Chain:
    """Begin a chain at `token`, which authentication has just handed out."""
    return Chain(
        family_digest=token.family_digest,
        generation=token.generation,
        digest=token.digest,
        previous_digest=None,
        next_digest=token.successor(next_key).digest,
        next_key=next_key,
        committed_at=now,
    )
