"""Support codes: short enough to read out on the phone, and they lead to a session's life.

A code is the start of a session id, so nothing has to be stored for it; an id is public and no credential.
"""

import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O and U to be mistaken
_MEANT = str.maketrans("ILO", "110")
_PREFIX = 10  # hexadecimal digits, 40 bits: a million sessions share one with a chance of one in two
_CODE = re.compile(f"[{ALPHABET}]{{8}}")


def support_code(session_id: str) -> str:
    """Return the code that a person is told: `7K3M-Q2XP`."""
    number = int(session_id[:_PREFIX], 16)
    digits = [ALPHABET[number >> shift & 31] for shift in range(35, -1, -5)]
    return "".join([*digits[:4], "-", *digits[4:]])


def id_prefix(code: str) -> str | None:
    """Return how the ids that a code stands for begin; None if it is no code.

    Read as people type: in any case, with or without the dash, and with letters that look like digits.
    """
    letters = code.strip().upper().replace("-", "").replace(" ", "").translate(_MEANT)
    if not _CODE.fullmatch(letters):
        return None
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    return f"{number:0{_PREFIX}x}"
