"""Is a shared secret as random as it is long? Weak, typed and published ones are refused at start.

A signature with a secret that can be guessed is worth nothing: one token is enough to try passwords
against, offline and without a trace (RFC 8725 3.5). Nothing here proves that a secret is random; it
catches what people put where random bytes belong.
"""

import binascii
from base64 import b64decode
from itertools import pairwise

from coatcheck.core.errors import ConfigurationError

LEAST_BYTES = 32  # 256 bits: as many as HMAC-SHA-256 can use (RFC 7518 3.2)
LEAST_DIFFERENT = 20  # values among 32 bytes, or steps between them; fewer in one of 10**9 random secrets
GENERATE = "Make one with: openssl rand -base64 32"

_TO_URL, _TO_STANDARD = str.maketrans("+/", "-_"), str.maketrans("-_", "+/")

# Keys out of documents that everybody has read: RFC 7515 A.1 and A.3, RFC 7517 A.2, RFC 7520 3.5,
# RFC 8037 A.1, and FastAPI's tutorial. What an asymmetric key is known by is its private part.
PUBLISHED = frozenset(
    {
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
        "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
        "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
        "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    }
)


def read_secret(text: str, what: str) -> bytes:
    """Return the bytes of a secret that is written in base64 or base64url, if they look random.

    Args:
        text: As configured.
        what: How to call it in a complaint, which never repeats the secret.

    Raises:
        ConfigurationError: It is weak, or no base64.
    """
    text = text.strip().rstrip("=")
    if is_published(text):
        raise ConfigurationError(f"{what} stands in a public document", remedy=GENERATE)
    try:
        secret = b64decode(text.translate(_TO_STANDARD) + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigurationError(f"{what} is not base64", remedy=GENERATE) from None
    require_random(secret, what)
    return secret


def require_random(secret: bytes, what: str) -> None:
    """Refuse a secret that no generator made.

    Raises:
        ConfigurationError: It is short, repeats itself, counts, or is text.
    """
    if (fault := _fault(secret)) is not None:
        raise ConfigurationError(f"{what} {fault}", remedy=GENERATE)


def is_published(secret: str) -> bool:
    """Tell whether everybody has this secret, or private part of a key, as base64url or as written."""
    return secret.translate(_TO_URL) in PUBLISHED


def _fault(secret: bytes) -> str | None:
    if len(secret) < LEAST_BYTES:
        return f"has {len(secret)} bytes, fewer than {LEAST_BYTES}"
    start = secret[:LEAST_BYTES]
    if start.isascii() and start.decode("ascii").isprintable():
        return "is text, not random bytes"
    if len(set(start)) < LEAST_DIFFERENT:
        return "repeats itself"
    if len({(after - before) % 256 for before, after in pairwise(start)}) < LEAST_DIFFERENT:
        return "follows a pattern"
    return None
