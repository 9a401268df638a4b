"""The two accounts of the demo, with passwords that nobody chose."""

from collections.abc import Sequence
from dataclasses import dataclass

from coatcheck.core.clock import Clock
from coatcheck.core.entropy import Entropy
from coatcheck.login import Accounts, Passwords
from coatcheck.login.passphrase import generate


@dataclass(frozen=True, slots=True)
class SeededUser:
    """An account of the demo.

    Attributes:
        email: Its address.
        password: The password it was made with; None if the account was there before.
        roles: Its roles.
    """

    email: str
    password: str | None
    roles: frozenset[str]

    def __repr__(self) -> str:
        return f"<SeededUser {self.email}>"


USERS = (
    ("ada@example.test", "Ada Lovelace", frozenset({"user"})),
    ("grace@example.test", "Grace Hopper", frozenset({"user", "admin"})),
)


async def seed(
    accounts: Accounts, passwords: Passwords, *, clock: Clock, entropy: Entropy
) -> Sequence[SeededUser]:
    """Make the accounts that are missing; return all of them."""
    seeded = []
    for email, name, roles in USERS:
        present = await accounts.by_email(email)
        if present is not None:
            seeded.append(SeededUser(email, None, present.roles))
            continue
        password = generate(entropy)
        password_hash = await passwords.hash(password)
        made = await accounts.add(
            email=email, name=name, password_hash=password_hash, roles=roles, created_at=clock.now()
        )
        seeded.append(SeededUser(email, password if made else None, roles))
    return seeded
