"""The embedded user table, as far as it is the same in every database that speaks SQL."""

from collections.abc import Sequence
from typing import Any

import msgspec

from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.login.accounts import Account, fold_email

ID_BYTES = 16

_SELECT = "SELECT user_id, email, name, roles, password_hash, disabled, created_at FROM coatcheck_accounts"


class SqlAccounts:
    """Accounts in a table. How a statement is run is a subclass's affair; each is one atomic step.

    Args:
        entropy: Draws the user ids, 128 random bits each, so none is ever given out twice.
    """

    def __init__(self, entropy: Entropy | None) -> None:
        self._entropy = entropy or SystemEntropy()

    async def by_email(self, email: str) -> Account | None:
        """Return the account with this address, without regard to case."""
        return await self._one(f"{_SELECT} WHERE email_key = ?", fold_email(email))

    async def by_id(self, user_id: str) -> Account | None:
        """Return the account with this id."""
        return await self._one(f"{_SELECT} WHERE user_id = ?", user_id)

    async def add(
        self,
        *,
        email: str,
        name: str,
        password_hash: str | None,
        roles: frozenset[str],
        created_at: float,
    ) -> Account | None:
        """Make an account; None if the address is taken. `created_at` in seconds since the epoch."""
        account = Account(
            user_id=self._entropy.token_bytes(ID_BYTES).hex(),
            email=email.strip(),
            name=name,
            roles=roles,
            password_hash=password_hash,
            created_at=created_at,
        )
        made = await self._change(
            "INSERT INTO coatcheck_accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            *(account.user_id, account.email, fold_email(email), name),
            *(_pack(roles), password_hash, account.disabled, created_at),
        )
        return account if made else None

    async def set_password_hash(
        self, user_id: str, password_hash: str, *, expected: str | None = None
    ) -> bool:
        """Replace the hash; with `expected` only if that is still the stored one."""
        return await self._change(
            "UPDATE coatcheck_accounts SET password_hash = ?"
            " WHERE user_id = ? AND (CAST(? AS TEXT) IS NULL OR password_hash = ?)",
            password_hash,
            user_id,
            expected,
            expected,
        )

    async def set_profile(self, user_id: str, *, name: str) -> bool:
        """Change what is displayed."""
        return await self._set("name", name, user_id)

    async def set_roles(self, user_id: str, roles: frozenset[str]) -> bool:
        """Change what the user may do."""
        return await self._set("roles", _pack(roles), user_id)

    async def set_disabled(self, user_id: str, *, disabled: bool) -> bool:
        """Close the account to sign-in, or open it again."""
        return await self._set("disabled", disabled, user_id)

    async def remove(self, user_id: str) -> bool:
        """Delete the account; its id is never used again."""
        return await self._change("DELETE FROM coatcheck_accounts WHERE user_id = ?", user_id)

    async def list(self, *, after: str = "", limit: int = 100) -> list[Account]:
        """Return accounts in the order of their folded addresses, those after `after`."""
        query = f"{_SELECT} WHERE email_key > ? ORDER BY email_key LIMIT ?"
        return [_account(row) for row in await self._fetch(query, _storable(fold_email(after)), limit)]

    async def close(self) -> None:
        """Let go of the database."""
        raise NotImplementedError

    async def _fetch(self, query: str, *values: object) -> Sequence[Sequence[Any]]:
        """Run a query, with a question mark where each value goes; return its rows."""
        raise NotImplementedError

    async def _change(self, statement: str, *values: object) -> bool:
        """Run a statement likewise; tell whether it changed a row."""
        raise NotImplementedError

    async def _one(self, query: str, value: str) -> Account | None:
        if _storable(value) != value:  # nothing that was stored is like that
            return None
        rows = await self._fetch(query, value)
        return _account(rows[0]) if rows else None

    async def _set(self, column: str, value: object, user_id: str) -> bool:
        return await self._change(
            f"UPDATE coatcheck_accounts SET {column} = ? WHERE user_id = ?",  # noqa: S608 - our own names
            value,
            user_id,
        )


def _storable(text: str) -> str:
    """Return a text as every database can hold it: without NUL, and without halves of surrogate pairs."""
    return text.replace("\0", "").encode(errors="replace").decode()


def _account(row: Sequence[Any]) -> Account:
    user_id, email, name, roles, password_hash, disabled, created_at = row
    return Account(
        user_id=user_id,
        email=email,
        name=name,
        roles=msgspec.json.decode(roles, type=frozenset[str]),
        password_hash=password_hash,
        disabled=bool(disabled),
        created_at=created_at,
    )


def _pack(roles: frozenset[str]) -> str:
    return msgspec.json.encode(sorted(roles)).decode()
