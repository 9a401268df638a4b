"""Passwords that nobody chose, for those who get one from an operator."""

from base64 import b32encode

from coatcheck.core.entropy import Entropy

RANDOM_BYTES = 15  # 120 bits, which are 24 letters and digits without padding
GROUP = 6


def generate(entropy: Entropy) -> str:
    """Return a random password that is easy to read out: `k3fa9x-2bq7mc-...`."""
    letters = b32encode(entropy.token_bytes(RANDOM_BYTES)).decode("ascii").lower()
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))
