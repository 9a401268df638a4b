"""Many sessions in a SQLite file at once, past the store: as many as a busy site has."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from coatcheck.core.device import describe
from coatcheck.core.identity import Identity
from coatcheck.core.record import Record
from coatcheck.stores import SqliteStore
from coatcheck.stores.sqlite.rows import to_row
from coatcheck.testing.contract import sample_record

FIRST = (
    "Ada",
    "Grace",
    "Edsger",
    "Barbara",
    "Alan",
    "Radia",
    "Donald",
    "Margaret",
    "Ken",
    "Frances",
    "Niklaus",
)
LAST = (
    "Byron",
    "Murray",
    "Visser",
    "Huberman",
    "Mathison",
    "Perl",
    "Ervin",
    "Heafield",
    "Lane",
    "Spence",
    "Emil",
)
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_5) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
)
RARE = 997  # each so many sessions one comes from the address that is searched for
RARE_ADDRESS = "203.0.113.77"

_INSERT = """
    INSERT INTO coatcheck_sessions (record, user_id, created_at, ended_at, expires_at, id)
    VALUES (?, ?, ?, ?, ?, ?)
"""


def fill(path: Path, count: int, now: float, *, spread: float = 1_700.0) -> None:
    """Put live sessions into a file: they began within the last `spread` seconds before `now`."""
    SqliteStore(path).check()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(_INSERT, map(to_row, crowd(count, now, spread)))


def crowd(count: int, now: float, spread: float) -> Iterator[Record]:
    """Yield records, the newest first."""
    pattern = sample_record("crowd", "somebody")
    for number in range(count):
        name = f"{FIRST[number % 11]} {LAST[number // 11 % 11]}"
        address = (
            RARE_ADDRESS if number % RARE == RARE - 1 else f"198.51.{number // 250 % 250}.{number % 250}"
        )
        began = now - spread * number / count
        user = f"u-{number // 2}"
        yield msgspec.structs.replace(
            pattern,
            id=hashlib.sha256(b"%d" % number).hexdigest()[:32],
            identity=Identity(
                user_id=user, name=name, email=f"{user}@example.test", auth_time=began, amr=("pwd",)
            ),
            device=describe(address, AGENTS[number % 5]),
            created_at=began,
            last_seen_at=min(now, began + number % 90),
            actor=None,
            absolute_at=began + 43_200,
        )
