"""What the driver's faults mean in words, and what to do about them. No message holds a password."""

import socket
import ssl

import asyncpg

from coatcheck.core.errors import ConfigurationError, StoreUnavailable

# A timeout of the driver is a TimeoutError, which is an OSError. A ValueError: the URL makes no sense to it.
DRIVER_FAULTS = (
    OSError,
    ValueError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

# No waiting mends these.
_HOPELESS = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    ValueError,
)
# Two writers met in opposite order, or the database runs at a stricter isolation: nothing was stored.
TRY_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
# The connection is as good as new after these: a statement failed, not the server.
_HARMLESS = (
    *TRY_AGAIN,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)
_NO_TABLES = (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError)
_MIXED_UP = (asyncpg.DuplicatePreparedStatementError, asyncpg.InvalidSQLStatementNameError)
_CHANGED = (*_NO_TABLES, *_MIXED_UP)

_Fault = tuple[tuple[type[BaseException], ...], str, str]

# The first that fits counts. `{where}` is the server and the database.
_FAULTS: tuple[_Fault, ...] = (
    (
        (asyncpg.InvalidAuthorizationSpecificationError,),
        "{where} refuses this user and password",
        "Correct them in the URL (percent-encode / ? # @ in a password), or the server's pg_hba.conf",
    ),
    (
        (asyncpg.InvalidCatalogNameError,),
        "the server of {where} has no such database",
        "Create it with createdb, or name another in the URL",
    ),
    (
        (asyncpg.InsufficientPrivilegeError,),
        "this user may not do that in {where}",
        "GRANT CREATE ON SCHEMA public to it for the first start; the tables must be its own",
    ),
    (
        (asyncpg.TooManyConnectionsError,),
        "{where} has no connection left",
        "Raise max_connections, start fewer workers, or put PgBouncer in front",
    ),
    (
        (asyncpg.ReadOnlySQLTransactionError, asyncpg.TargetServerAttributeNotMatched),
        "{where} is read-only",
        "Name the primary, not a standby: several hosts and target_session_attrs=read-write find it",
    ),
    (
        _MIXED_UP,
        "a pooler in front of {where} mixes up prepared statements",
        "Make the pool with statement_cache_size=0",
    ),
    (
        _NO_TABLES,
        "the tables of {where} are gone",
        "They are made anew by the next request; restore a backup if they held anything",
    ),
    ((asyncpg.DiskFullError,), "{where} cannot write: its disk is full", "Free some space there"),
    (
        (asyncpg.CannotConnectNowError, asyncpg.OperatorInterventionError),
        "{where} is starting, stopping, or has stopped this statement",
        "Wait for it, or look at its statement_timeout; the request can be repeated",
    ),
    (
        (TimeoutError,),
        "{where} did not answer in time",
        "Look at the server's load and locks, and at the network; the request can be repeated",
    ),
    ((socket.gaierror,), "there is no host for {where}", "Correct the name in the URL, or the DNS"),
    ((ssl.SSLError,), "the TLS of {where} is not trusted", "Correct sslmode and sslrootcert in the URL"),
    (
        (OSError,),
        "nothing answers at {where}",
        "Start PostgreSQL there, or correct host, port and sslmode in the URL",
    ),
    ((ValueError,), "{where} is named by a URL that cannot be used", "Correct its port and parameters"),
    (
        (asyncpg.PostgresConnectionError, asyncpg.InterfaceError),
        "the connection to {where} broke",
        "Look at the server and the network; the request can be repeated",
    ),
)


def fault(error: Exception, where: str) -> StoreUnavailable:
    """Say what an error of the driver means, and what to do about it."""
    for kinds, meaning, remedy in _FAULTS:
        if isinstance(error, kinds):
            return StoreUnavailable(meaning.format(where=where), remedy=remedy)
    # Not its details: they quote values of rows.
    said = error.args[0] if isinstance(error, asyncpg.PostgresError) and error.args else type(error).__name__
    return StoreUnavailable(f"{where}: {said}")


def fault_at_start(error: Exception, where: str) -> StoreUnavailable | ConfigurationError:
    """Say the same while nothing runs yet: what no waiting mends is a mistake of configuration."""
    told = fault(error, where)
    if isinstance(error, _HOPELESS):
        return ConfigurationError(told.args[0], remedy=told.remedy)
    return told


def is_harmless(error: BaseException) -> bool:
    """Tell whether the connection on which this happened can be used again."""
    return isinstance(error, _HARMLESS)


def needs_preparing(error: BaseException | None) -> bool:
    """Tell whether the database, or what stands in front of it, is not what was found at the start."""
    return isinstance(error, _CHANGED)
