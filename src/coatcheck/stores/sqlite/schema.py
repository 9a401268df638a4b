"""The tables, and how an older file becomes a newer one.

The version lives in a table of its own, not in `PRAGMA user_version`: the file may be shared with
the application's accounts or with anything else, each with its own version. For the same reason
every name begins with `coatcheck_`.
"""

import sqlite3

from coatcheck.core.errors import ConfigurationError

# An entry is never changed once released; a new version appends one. SQLite runs each as one step.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # `record` is the whole row, encoded; the columns beside it are what SQL searches by. A deadline
        # that cannot be read makes its row due for the sweeper at once.
        """
        CREATE TABLE coatcheck_sessions (
            id TEXT NOT NULL PRIMARY KEY,
            record BLOB,
            user_id TEXT,
            created_at REAL,
            ended_at REAL,
            expires_at REAL NOT NULL DEFAULT 0.0
        )
        """,
        "CREATE INDEX coatcheck_sessions_due ON coatcheck_sessions (expires_at)",
        """
        CREATE INDEX coatcheck_sessions_of_user ON coatcheck_sessions (user_id, created_at)
        WHERE user_id IS NOT NULL
        """,
        "CREATE TABLE coatcheck_users (user_id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL)",
        # AUTOINCREMENT never gives a version twice, so a row that was deleted and made again is another row.
        """
        CREATE TABLE coatcheck_rows (
            version INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            value BLOB NOT NULL,
            expires_at REAL NOT NULL
        )
        """,
        "CREATE INDEX coatcheck_rows_due ON coatcheck_rows (expires_at)",
    ),
    (
        # The last row always stays, so numbers follow each other without a gap, and never come twice.
        "CREATE TABLE coatcheck_changes (seq INTEGER PRIMARY KEY, id TEXT NOT NULL)",
        "INSERT INTO coatcheck_changes (seq, id) VALUES (0, '')",
    ),
    (
        # The audit ledger, in the order of arrival. No two workers write one chain.
        """
        CREATE TABLE coatcheck_ledger (
            place INTEGER PRIMARY KEY AUTOINCREMENT,
            chain TEXT NOT NULL,
            seq INTEGER NOT NULL,
            at REAL NOT NULL,
            name TEXT NOT NULL,
            session_id TEXT,
            user_id TEXT,
            digest BLOB NOT NULL,
            text BLOB NOT NULL,
            UNIQUE (chain, seq)
        )
        """,
        """
        CREATE INDEX coatcheck_ledger_of_session ON coatcheck_ledger (session_id)
        WHERE session_id IS NOT NULL
        """,
        """
        CREATE INDEX coatcheck_ledger_of_user ON coatcheck_ledger (user_id) WHERE user_id IS NOT NULL
        """,
        "CREATE INDEX coatcheck_ledger_of_name ON coatcheck_ledger (name)",
        # What was changed and is not in the ledger yet: read by rowid, which rises.
        """
        CREATE TABLE coatcheck_notes (
            key TEXT NOT NULL PRIMARY KEY,
            user_id TEXT,
            at REAL NOT NULL
        )
        """,
    ),
    (
        # For operators: from the newest session to the oldest. A tombstone has no `created_at`.
        """
        CREATE INDEX coatcheck_sessions_newest ON coatcheck_sessions (created_at, id, expires_at)
        WHERE created_at IS NOT NULL
        """,
    ),
)

_VERSION = "SELECT max(version) FROM coatcheck_schema"


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest schema; safe when several processes start at once.

    Raises:
        ConfigurationError: A newer library has written this file.
    """
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have done the work while this one waited for the lock.
        _advance(connection, _version(connection))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    known = "SELECT 1 FROM sqlite_master WHERE name = 'coatcheck_schema'"
    if connection.execute(known).fetchone() is None:
        return 0
    version: int = connection.execute(_VERSION).fetchone()[0]
    return version


def _advance(connection: sqlite3.Connection, version: int) -> None:
    if version > len(MIGRATIONS):
        raise ConfigurationError(
            f"the database has schema version {version}, this library knows {len(MIGRATIONS)}",
            remedy="Install the newer version of coatcheck that wrote it, or use another file",
        )
    if version == 0:
        connection.execute("CREATE TABLE coatcheck_schema (version INTEGER PRIMARY KEY)")
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        for statement in statements:
            connection.execute(statement)
        connection.execute("INSERT INTO coatcheck_schema (version) VALUES (?)", (number,))
