"""The token: what the browser holds.

48 bytes, written as 64 base64url characters: `id (16) | generation (4) | secret (16) | family (12)`.
The store keeps digests only, so a reader of the database can present nothing. The successor of a
token is derived, not drawn: every worker that holds the token and the record's `next_key` computes
the same one, so lost, repeated and parallel answers all converge (protocol.md section 2).
"""

import binascii
import hmac
import re
from base64 import urlsafe_b64encode
from hashlib import sha256

import msgspec

from coatcheck.core.entropy import Entropy

TOKEN_BYTES = 48
TOKEN_CHARACTERS = 64
FIRST_GENERATION = 1

_SESSION_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)

# base64url to base64; what is base64 alone, padding included, becomes a character of neither.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/***")


class Token(msgspec.Struct, frozen=True, gc=False):
    """A parsed token. Its `repr` hides it, and comparison takes constant time."""

    raw: bytes

    @property
    def id(self) -> str:
        """The session id: 32 hexadecimal characters, public."""
        return self.raw[:16].hex()

    @property
    def generation(self) -> int:
        """How many commits lie behind this token."""
        return int.from_bytes(self.raw[16:20], "big")

    @property
    def text(self) -> str:
        """The 64 characters that go into the cookie."""
        return urlsafe_b64encode(self.raw).decode("ascii")

    @property
    def digest(self) -> bytes:
        """SHA-256 of the token: what a store may know of it (32 bytes)."""
        return sha256(self.raw).digest()

    @property
    def family_digest(self) -> bytes:
        """SHA-256 of id and family, the same for every token of one family (32 bytes)."""
        return sha256(self.raw[:16] + self.raw[36:]).digest()

    def is_authentic(self, family_digest: bytes) -> bool:
        """Tell whether this token is of the family. Its generation stays a claim: anybody can edit it."""
        return hmac.compare_digest(self.family_digest, family_digest)

    def successor(self, next_key: bytes) -> "Token":
        """Derive the next token of the chain; the same result in every process."""
        secret = hmac.digest(next_key, self.raw, "sha256")[:16]
        return Token(self.raw[:16] + (self.generation + 1).to_bytes(4, "big") + secret + self.raw[36:])

    def renewed(self, generation: int, entropy: Entropy) -> "Token":
        """Mint a token of this session that nobody could derive, in a family of its own.

        For re-authentication: the holder of an earlier token cannot even pass for one of this family.
        """
        return Token(self.raw[:16] + generation.to_bytes(4, "big") + entropy.token_bytes(28))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and hmac.compare_digest(self.raw, other.raw)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"<Token of session {self.id}, generation {self.generation}>"


def mint(entropy: Entropy) -> Token:
    """Mint the first token of a new chain, with a new session id (ASVS 7.2.3: 128 bits and more)."""
    return another(entropy.token_bytes(16).hex(), entropy)


def another(id: str, entropy: Entropy) -> Token:
    """Mint the first token of one more chain of a session, of a family that none of its tokens has."""
    return Token(bytes.fromhex(id) + FIRST_GENERATION.to_bytes(4, "big") + entropy.token_bytes(28))


def is_session_id(text: str) -> bool:
    """Tell whether a text from outside has the form of a session id."""
    return _SESSION_ID.fullmatch(text) is not None


def parse(text: str | bytes) -> Token | None:
    """Read a token as it came from outside, as text or in a header; None unless its form is exactly right."""
    if len(text) != TOKEN_CHARACTERS:
        return None
    try:
        characters = text if isinstance(text, bytes) else text.encode("ascii")
        return Token(binascii.a2b_base64(characters.translate(_TO_STANDARD), strict_mode=True))
    except ValueError:  # not ASCII, or not base64url
        return None
