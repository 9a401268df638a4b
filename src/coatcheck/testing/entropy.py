"""Randomness that repeats itself, so that a failing test fails again."""

import hashlib
import hmac


class SeededEntropy:
    """Bytes that follow from a seed. Predictable by design: never for production."""

    def __init__(self, seed: int | str = 0) -> None:
        self._key = str(seed).encode()
        self._drawn = 0

    def token_bytes(self, size: int) -> bytes:
        """Return the next `size` bytes of the sequence."""
        stream = bytearray()
        while len(stream) < size:
            stream += hmac.digest(self._key, self._drawn.to_bytes(8, "big"), hashlib.sha256)
            self._drawn += 1
        return bytes(stream[:size])
