"""Tables and functions, and how an older database becomes a newer one.

Each version is a script. Versions live in a table; every name begins with `coatcheck_`, for the
database may be shared with the application's own tables.
"""

from importlib.resources import files
from typing import Any

import msgspec

from coatcheck.core.errors import ConfigurationError

SECONDS = 60.0  # that one start waits for another's migration, and a migration may take

# Any number will do that nobody else locks: "coatchec" in ASCII.
_LOCK = int.from_bytes(b"coatchec")


class Schema(msgspec.Struct, frozen=True):
    """What the tables of one owner look like.

    Attributes:
        table: Where the version lives.
        scripts: One for each version. None is changed once released: a new version is a new script.
    """

    table: str
    scripts: tuple[str, ...]


SESSIONS = Schema(
    table="coatcheck_schema",
    scripts=tuple(
        files(__package__).joinpath("migrations", f"{version}.sql").read_text(encoding="utf-8")
        for version in (1, 2, 3)
    ),
)


async def migrate(connection: Any, schema: Schema) -> None:
    """Bring the database to the newest version; safe when many processes start at once.

    It takes one transaction, in which one process at a time makes the tables while the others wait.

    Raises:
        ConfigurationError: A newer library has written this database.
    """
    if await _version(connection, schema) == len(schema.scripts):
        return
    async with connection.transaction(isolation="read_committed"):
        await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})", timeout=SECONDS)
        # Another process may have done the work while this one waited for the lock.
        await _advance(connection, schema, await _version(connection, schema))


# Locking a table, pg_class here, is what makes a server process hear of tables that others made since its
# transaction began; `to_regclass` alone answers from what it remembers.
_IS_MISSING = "SELECT NOT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass($1))"


async def _version(connection: Any, schema: Schema) -> int:
    if await connection.fetchval(_IS_MISSING, schema.table):
        return 0
    version: int = await connection.fetchval(f"SELECT max(version) FROM {schema.table}")  # noqa: S608 - our own name
    return version


async def _advance(connection: Any, schema: Schema, version: int) -> None:
    if version > len(schema.scripts):
        raise ConfigurationError(
            f"{schema.table} has version {version}, this library knows {len(schema.scripts)}",
            remedy="Install the newer version of coatcheck that wrote it, or use another database",
        )
    if version == 0:
        await connection.execute(f"CREATE TABLE {schema.table} (version integer PRIMARY KEY)")
    for number, script in enumerate(schema.scripts[version:], start=version + 1):
        await connection.execute(script, timeout=SECONDS)
        await connection.execute(f"INSERT INTO {schema.table} (version) VALUES ({number})")  # noqa: S608 - likewise
