"""Accounts: who may sign in. The app's own user table, behind a small protocol."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

import msgspec

from coatcheck.core.identity import Identity

MAX_NAME = 200
MAX_EMAIL = 254  # RFC 5321: what fits into a mail's envelope

_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_TURNING = r"\u202a-\u202e\u2066-\u2069"  # makes what follows read the other way round
_INVISIBLE = r"\xad\u200b-\u200f\u2060-\u2065\ufeff"  # joins letters in some names, hides in addresses
_ODD = rf"\s{_CONTROL}{_TURNING}{_INVISIBLE}<>,;@"
_EMAIL = re.compile(rf"[^{_ODD}]+@[^{_ODD}.]+(\.[^{_ODD}.]+)*").fullmatch
_UNPRINTABLE = re.compile(rf"[{_CONTROL}{_TURNING}]").search


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account. Its `repr` hides the password hash.

    Attributes:
        user_id: Stable id that is never given to another user (ASVS 10.3.3).
        email: As the user wrote it; unique without regard to case.
        name: For display.
        roles: What permission checks look at.
        password_hash: PHC string, or bcrypt; None if the account has no password.
        disabled: Nobody can sign in to it.
        created_at: Seconds since the epoch.
    """

    user_id: str
    email: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    password_hash: str | None = None
    disabled: bool = False
    created_at: float = 0.0

    @property
    def identity(self) -> Identity:
        """The facts that go into sessions."""
        return Identity(user_id=self.user_id, email=self.email, name=self.name, roles=self.roles)

    def __repr__(self) -> str:
        return f"<Account {self.user_id}{' disabled' if self.disabled else ''}>"


class Accounts(Protocol):
    """Your user table. Each method is one atomic step; those that change say whether there was a row."""

    async def by_email(self, email: str) -> Account | None:
        """Return the account with this address, without regard to case (see `fold_email`)."""
        ...  # pragma: no cover

    async def by_id(self, user_id: str) -> Account | None:
        """Return the account with this id."""
        ...  # pragma: no cover

    async def add(
        self,
        *,
        email: str,
        name: str,
        password_hash: str | None,
        roles: frozenset[str],
        created_at: float,
    ) -> Account | None:
        """Make an account with a new, never used id; None if the address is taken.

        `created_at` is in seconds since the epoch.
        """
        ...  # pragma: no cover

    async def set_password_hash(
        self, user_id: str, password_hash: str, *, expected: str | None = None
    ) -> bool:
        """Replace the hash; with `expected` only if that is still the stored one.

        Without this comparison, a sign-in that upgrades the hash could undo a change of the password
        that was made meanwhile.
        """
        ...  # pragma: no cover

    async def set_profile(self, user_id: str, *, name: str) -> bool:
        """Change what is displayed."""
        ...  # pragma: no cover

    async def set_roles(self, user_id: str, roles: frozenset[str]) -> bool:
        """Change what the user may do."""
        ...  # pragma: no cover

    async def set_disabled(self, user_id: str, *, disabled: bool) -> bool:
        """Close the account to sign-in, or open it again."""
        ...  # pragma: no cover

    async def remove(self, user_id: str) -> bool:
        """Delete the account; its id is never used again."""
        ...  # pragma: no cover

    async def list(self, *, after: str = "", limit: int = 100) -> Sequence[Account]:
        """Return accounts in the order of `fold_email`, those after the address `after`."""
        ...  # pragma: no cover


def fold_email(email: str) -> str:
    """Return what makes an address unique: no surrounding spaces, no difference in case.

    What is too long for an address is cut, and still is none: normalising takes quadratic time.
    """
    short = email.strip()[: MAX_EMAIL + 1]
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", short).casefold())


def is_email(text: str) -> bool:
    """Tell whether a text looks like an address: one @, something on each side, nothing odd between."""
    return len(text) <= MAX_EMAIL and _EMAIL(text) is not None


def is_name(text: str) -> bool:
    """Tell whether a text can be displayed as a name: not too long, no control characters."""
    return len(text) <= MAX_NAME and not _UNPRINTABLE(text)
