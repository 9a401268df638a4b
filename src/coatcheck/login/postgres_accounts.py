"""The embedded user table in PostgreSQL: in the sessions' database or one of its own."""

from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any

import asyncpg

from coatcheck.core.entropy import Entropy
from coatcheck.login.sql_accounts import SqlAccounts
from coatcheck.stores.postgres import TIMEOUT, connections_to
from coatcheck.stores.postgres.schema import Schema

SCHEMA = Schema(
    table="coatcheck_accounts_schema",
    scripts=(
        """
        CREATE TABLE coatcheck_accounts (
            user_id text COLLATE "C" PRIMARY KEY,
            email text NOT NULL,
            email_key text COLLATE "C" NOT NULL UNIQUE,
            name text NOT NULL,
            roles text NOT NULL,
            password_hash text,
            disabled boolean NOT NULL,
            created_at double precision NOT NULL
        )
        """,
    ),
)


class PostgresAccounts(SqlAccounts):
    """Accounts in a PostgreSQL database; the table is made at the first call.

    Args:
        database: A URL, or the app's own pool of asyncpg.
        entropy: Draws the user ids, 128 random bits each, so none is ever given out twice.
        timeout: Seconds that a call may take.

    Raises:
        ConfigurationError: The URL is none.
    """

    def __init__(
        self, database: str | asyncpg.Pool, *, entropy: Entropy | None = None, timeout: float = TIMEOUT
    ) -> None:
        super().__init__(entropy)
        self._connections = connections_to(database, SCHEMA, timeout, self._entropy)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._connections.close()

    async def _fetch(self, query: str, *values: object) -> Sequence[Sequence[Any]]:
        return await self._connections.fetch(_numbered(query), *values)

    async def _change(self, statement: str, *values: object) -> bool:
        return bool(await self._fetch(f"{statement} RETURNING user_id", *values))


@cache
def _numbered(query: str) -> str:
    """Write $1, $2 and so on for the question marks: none of our statements has one in a text."""
    numbers = count(1)
    return "".join(f"${next(numbers)}" if letter == "?" else letter for letter in query)
