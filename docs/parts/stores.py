"""The exact schema of a store."""

import re
import sqlite3
from textwrap import dedent

from coatcheck.stores.postgres import schema as postgres_schema
from coatcheck.stores.sqlite import schema as sqlite_schema


def schema(store: str = "sqlite") -> str:
    """Return the SQL that the tables of a store are made with."""
    return _postgres() if store == "postgres" else _sqlite()


def _postgres() -> str:
    """Return tables and indexes out of the migrations, without comments."""
    script = re.sub(r"^ *--.*\n", "", "\n".join(postgres_schema.SESSIONS.scripts), flags=re.MULTILINE)
    statements = re.findall(r"^CREATE (?:TABLE|INDEX) .*?;$", script, flags=re.MULTILINE | re.DOTALL)
    return "\n".join(("```sql", *statements, "```"))


def _sqlite() -> str:
    """Return what a new file is made with, as SQLite itself repeats it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    sqlite_schema.migrate(connection)
    found = connection.execute("SELECT sql FROM sqlite_master WHERE name LIKE 'coatcheck%'")
    statements = [dedent(" " * 8 + statement).strip() for (statement,) in found]
    connection.close()
    return "\n".join(("```sql", *(f"{statement};" for statement in statements), "```"))
