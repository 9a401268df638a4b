"""From a URL to a store, and to whatever else has tables of its own in the database."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg

from coatcheck.core.entropy import Entropy, SystemEntropy
from coatcheck.stores.postgres.address import Address
from coatcheck.stores.postgres.connections import Connections
from coatcheck.stores.postgres.lent import Lent
from coatcheck.stores.postgres.schema import Schema
from coatcheck.stores.postgres.server import Server

TIMEOUT = 5.0  # seconds


def connections_to(
    database: str | asyncpg.Pool, schema: Schema, timeout: float, entropy: Entropy
) -> Connections:
    """Return connections to a database in which a schema is kept up to date; nothing is opened yet.

    Args:
        database: A URL, or the app's own pool.
        schema: The tables.
        timeout: Seconds that a statement may take.
        entropy: Spreads the tries to reconnect.

    Raises:
        ConfigurationError: The URL is none.
    """
    if isinstance(database, str):
        return Connections(Server(Address.parse(database), schema, timeout, entropy), timeout)
    return Connections(Lent(database, schema), timeout)


def prepare(url: str, schema: Schema) -> bool:
    """Bring the tables up to date, leaving nothing open; tell whether a pooler stands in front.

    Raises:
        ConfigurationError: URL, user or database cannot work, or a newer library wrote the tables.
        StoreUnavailable: It cannot be reached or used now.
    """
    server = Server(Address.parse(url), schema, TIMEOUT, SystemEntropy())
    with ThreadPoolExecutor(1) as thread:  # the caller may well be inside an event loop
        return thread.submit(asyncio.run, server.prepare()).result()
