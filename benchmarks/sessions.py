"""Sessions in bulk: what a store holds after many people signed in, written in seconds."""

from collections.abc import Iterable, Iterator
from itertools import islice

import asyncpg
import msgspec

from benchmarks.variant import DATA
from coatcheck import Identity
from coatcheck.core import chain, token
from coatcheck.core.chain import KEY_BYTES
from coatcheck.core.device import Device
from coatcheck.core.moving import Movable
from coatcheck.core.record import Record
from coatcheck.core.store import Store
from coatcheck.core.token import Token
from coatcheck.stores.postgres.rows import COLUMNS, to_values
from coatcheck.testing import SeededEntropy

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IDLE, ABSOLUTE = 1_800.0, 43_200.0  # seconds, as by default
BATCH = 2_000


def token_of(number: int) -> Token:
    """Return what the browser of a user holds."""
    return token.mint(SeededEntropy(number))


def cookie_of(number: int) -> bytes:
    """Return that as a browser sends it."""
    return b"__Host-session=" + token_of(number).text.encode()


def session_of(number: int, at: float) -> Record:
    """Return the session of a user who signed in at that moment, in seconds since the epoch."""
    entropy = SeededEntropy(number)
    minted = token.mint(entropy)
    return Record(
        id=minted.id,
        chain=chain.start(minted, at, entropy.token_bytes(KEY_BYTES)),
        identity=Identity(
            user_id=f"user-{number}",
            email=f"user{number}@example.test",
            name="Ada Lovelace",
            roles=frozenset({"user"}),
            auth_time=at,
            amr=("pwd",),
        ),
        device=Device(ip="203.0.113.7", user_agent=AGENT, label="Firefox on Linux"),
        csrf_key=entropy.token_bytes(KEY_BYTES),
        created_at=at,
        last_seen_at=at,
        idle=IDLE,
        absolute_at=at + ABSOLUTE,
        data=msgspec.json.encode(DATA),
    )


async def fill(store: Store, url: str, numbers: Iterable[int], at: float) -> None:
    """Sign the users of these numbers in, at that moment; `url` is the store's."""
    records = (session_of(number, at) for number in numbers)
    if url.startswith("postgresql:"):
        await store.load("0" * 32)  # makes the tables
        await _copy(url, records)
        return
    assert isinstance(store, Movable)
    while batch := list(islice(records, BATCH)):
        await store.adopt(batch)


async def _copy(url: str, records: Iterator[Record]) -> None:
    """Write with COPY: the library adopts rows one by one, for it has to look at what is there."""
    connection = await asyncpg.connect(url)
    while batch := list(islice(records, 10 * BATCH)):
        rows = [to_values(record) for record in batch]
        users = [(0, record.user_id) for record in batch]
        await connection.copy_records_to_table("coatcheck_sessions", records=rows, columns=COLUMNS)
        await connection.copy_records_to_table("coatcheck_users", records=users)
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()
