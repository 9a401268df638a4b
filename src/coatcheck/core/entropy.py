"""Randomness, as an argument. The only file that reads the system's entropy."""

import secrets
from typing import Protocol


class Entropy(Protocol):
    """A source of unpredictable bytes."""

    def token_bytes(self, size: int) -> bytes:
        """Return `size` random bytes."""
        ...  # pragma: no cover


class SystemEntropy:
    """The operating system's cryptographic generator (ASVS 11.5.1)."""

    def token_bytes(self, size: int) -> bytes:
        """Return `size` random bytes."""
        return secrets.token_bytes(size)
