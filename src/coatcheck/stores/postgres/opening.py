"""A store from its URL, once it is known that it can be used."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from coatcheck.core.entropy import SystemEntropy
from coatcheck.stores.postgres.address import Address
from coatcheck.stores.postgres.listening import PostgresStore
from coatcheck.stores.postgres.schema import SESSIONS
from coatcheck.stores.postgres.server import Server
from coatcheck.stores.postgres.store import TIMEOUT, PooledPostgresStore


def open_postgres(url: str) -> PooledPostgresStore | PostgresStore:
    """Return the store, after bringing its tables up to date; nothing stays open.

    It has a feed unless a pooler stands in front and no `feed_url` leads past it.

    Raises:
        ConfigurationError: URL, user or database cannot work, or a newer library wrote the tables.
        StoreUnavailable: It cannot be reached or used now.
    """
    address = Address.parse(url)
    server = Server(address, SESSIONS, TIMEOUT, SystemEntropy())
    with ThreadPoolExecutor(1) as thread:  # the caller may well be inside an event loop
        has_pooler = thread.submit(asyncio.run, server.prepare()).result()
    if has_pooler and address.feed_url is None:
        return PooledPostgresStore(url)
    return PostgresStore(url)
