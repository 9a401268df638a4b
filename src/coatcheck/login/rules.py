"""What a new password must be: long enough, and not what everybody would guess.

No composition rules and no expiry: they make passwords worse (NIST SP 800-63B-4 section 3.1.1.2,
ASVS 6.2.5 and 6.2.10).
"""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from coatcheck.core.errors import ConfigurationError
from coatcheck.login.outcome import Refusal

SHORTEST = 8  # ASVS 6.2.1, whatever else is asked for
AT_LEAST_ALLOWED = 64  # ASVS 6.2.9

SENTENCES = {
    "password_too_short": "Please use at least {least:,} characters; a sentence is fine.",
    "password_too_long": "Please use at most {most:,} characters.",
    "password_common": "This password, or what it repeats, is on the lists that are tried first.",
    "password_personal": "This password is little more than a name others know.",
}
"""What a person is told, by code, with the policy's bounds to be filled in."""

_SEPARATORS = re.compile(r"[\W_]+")
_START = re.compile(r"^[\W\d_]+")
_END = re.compile(r"[\W\d_]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy:
    """Bounds of a password, in code points.

    Attributes:
        minimum: At least so many (NIST SP 800-63B-4: 15 where the password is the only factor).
        min_with_factor: At least so many where another factor is required as well (8).
        maximum: At most so many; longer ones are refused before any hashing (ASVS 6.2.9: 64 or more).
        product_words: Names of your product and company: nobody's password (ASVS 6.2.11).
    """

    minimum: int = 15
    min_with_factor: int = SHORTEST
    maximum: int = 1_024
    product_words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not SHORTEST <= self.min_with_factor <= self.minimum:
            raise ConfigurationError(
                f"minimum={self.minimum} and min_with_factor={self.min_with_factor} do not fit together",
                remedy=f"Keep {SHORTEST} <= min_with_factor <= minimum (ASVS 6.2.1)",
            )
        if self.maximum < max(AT_LEAST_ALLOWED, self.minimum):
            raise ConfigurationError(
                f"maximum={self.maximum} refuses passwords that are only long",
                remedy=f"Allow minimum, and {AT_LEAST_ALLOWED} characters at least (ASVS 6.2.9)",
            )

    def check(
        self, password: str, *, personal: Iterable[str] = (), with_factor: bool = False
    ) -> Refusal | None:
        """Judge a new password.

        Args:
            password: What the user chose.
            personal: The user's e-mail address and name.
            with_factor: Another factor is required at this user's sign-in.

        Returns:
            Why it is refused, or None if it is good.
        """
        if len(password) < (self.min_with_factor if with_factor else self.minimum):
            return self.refusal("password_too_short", with_factor=with_factor)
        if too_long := self.check_length(password):
            return too_long
        folded = password.casefold()
        if _is_made_of(folded, common_passwords()):
            return self.refusal("password_common")
        if _is_made_of(folded, _words((*personal, *self.product_words))):
            return self.refusal("password_personal")
        return None

    def check_length(self, password: str) -> Refusal | None:
        """Refuse a password that is too long to be anybody's, before any work is spent on it."""
        if len(password) > self.maximum:
            return self.refusal("password_too_long")
        return None

    def refusal(self, code: str, *, with_factor: bool = False) -> Refusal | None:
        """Return the refusal with this code; None if it is none of these rules'."""
        if code not in SENTENCES:
            return None
        least = self.min_with_factor if with_factor else self.minimum
        return Refusal(code, SENTENCES[code].format(least=least, most=self.maximum))


@cache
def common_passwords() -> frozenset[str]:
    """Return the 30,000 most common passwords, in lower case; the file names its source."""
    text = files("coatcheck.login").joinpath("common_passwords.txt").read_text("ascii")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def _is_made_of(password: str, known: Container[str]) -> bool:
    """Tell whether a password is known words: one or two joined, decorated or not, or one repeated."""
    bare = _END.sub("", password)
    forms = (password, bare, _START.sub("", password), _START.sub("", bare))
    return _is_repetition(password, known) or any(_is_joined(form, known) for form in forms)


def _is_joined(text: str, known: Container[str]) -> bool:
    cuts = range(1, len(text))
    return text in known or any(text[:cut] in known and text[cut:] in known for cut in cuts)


def _is_repetition(password: str, known: Container[str]) -> bool:
    """Tell whether a password says one thing at least twice, the last time perhaps cut short."""
    period = next(step for step in range(1, len(password) + 1) if password.startswith(password[step:]))
    return 2 * period <= len(password) and (period < SHORTEST or password[:period] in known)


def _words(texts: Iterable[str]) -> frozenset[str]:
    folded = [text.casefold() for text in texts]
    parts = [part for text in folded for part in _SEPARATORS.split(text)]
    return frozenset(word for word in (*folded, *parts) if word)
