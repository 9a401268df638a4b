"""The embedded user table that a URL names."""

from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import ConfigurationError
from coatcheck.login.sql_accounts import SqlAccounts
from coatcheck.login.sqlite_accounts import SqliteAccounts
from coatcheck.stores import is_sql, sqlite_path
from coatcheck.stores.extras import missing_extra


def open_accounts(url: str, *, entropy: Entropy | None = None) -> SqlAccounts:
    """Return the accounts in a database that speaks SQL, after making sure that it can be used.

    Args:
        url: Such as the store's own, `sqlite:///` or `postgresql://`.
        entropy: Draws the user ids.

    Raises:
        ConfigurationError: It does not speak SQL, or it cannot work.
        StoreUnavailable: It cannot be opened or written.
    """
    if (path := sqlite_path(url)) is not None:
        return SqliteAccounts(path, entropy=entropy)
    if not is_sql(url):
        raise ConfigurationError(
            "accounts need a database that speaks SQL", remedy="Name one by sqlite:/// or postgresql://"
        )
    try:
        from coatcheck.login.postgres_accounts import SCHEMA, PostgresAccounts  # noqa: PLC0415 - needs the extra
        from coatcheck.stores.postgres import prepare  # noqa: PLC0415 - likewise
    except ModuleNotFoundError as error:
        raise missing_extra(error, "postgres") from error
    prepare(url, SCHEMA)
    return PostgresAccounts(url, entropy=entropy)
