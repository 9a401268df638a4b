"""The exact schema of a store."""

import sqlite3
from textwrap import dedent

from coatcheck.stores.sqlite import schema as sqlite_schema


def schema(_: str = "") -> str:
    """Return the SQL that a new file is made with, as SQLite itself repeats it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    sqlite_schema.migrate(connection)
    found = connection.execute("SELECT sql FROM sqlite_master WHERE name LIKE 'coatcheck%'")
    statements = [dedent(" " * 8 + statement).strip() for (statement,) in found]
    connection.close()
    return "\n".join(("```sql", *(f"{statement};" for statement in statements), "```"))
