"""Looking into the SQLite file behind the server's back, and writing into it."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coatcheck.core.record import Record, Tombstone
from coatcheck.stores import open_store


@dataclass(frozen=True)
class Database:
    """The file of a running server."""

    path: Path

    def read(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Return what a query finds, each row by column."""
        with closing(self._connect()) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def write(self, statement: str, *values: Any) -> int:
        """Change rows as somebody could who got at the file; return how many."""
        with closing(self._connect()) as connection, connection:
            return connection.execute(statement, values).rowcount

    def session(self, id: str) -> Record | Tombstone | None:
        """Return what the store holds under a session id, as another process of the application sees it."""
        return asyncio.run(self._load(id))

    def alive(self, user_id: str) -> list[str]:
        """Return the ids of a user's sessions that have not ended."""
        query = "SELECT id FROM coatcheck_sessions WHERE user_id = ? AND ended_at IS NULL ORDER BY created_at"
        return [row["id"] for row in self.read(query, user_id)]

    def dump(self) -> list[Any]:
        """Return every value of every row of every table."""
        names = [row["name"] for row in self.read("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            value for name in names for row in self.read(f"SELECT * FROM {name}") for value in row.values()
        ]

    async def _load(self, id: str) -> Record | Tombstone | None:
        store = open_store(f"sqlite:///{self.path}")
        try:
            return await store.load(id)
        finally:
            await store.close()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=10)
