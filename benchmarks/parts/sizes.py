"""Room: bytes that a session takes, in each of our stores and at the peers."""

import asyncio
import gc
import time
import tracemalloc

import msgspec

from benchmarks.apps.catalogue import CATALOGUE, ON_REDIS
from benchmarks.options import Options
from benchmarks.page import Page, Table
from benchmarks.rounds import Subject
from benchmarks.servers import ENGINES, MEMORY, POSTGRES, REDIS, SQLITE, Servers
from benchmarks.sessions import fill, token_of
from benchmarks.variant import DATA
from coatcheck.stores import open_store, sqlite_path
from coatcheck.stores.near import Limits, NearStore

SESSIONS = 100_000
REMEMBERED = 10_000
SIGN_INS = 500  # at a peer
ON_POSTGRES = ("Django, db",)
ABOUT = """
Bytes per session with 200 bytes of data, everything included that belongs to it: indexes, entries of
users, what the engine adds. Ours are {sessions:,} sessions of as many users, each with name, e-mail,
one role and a browser's user agent. The peers keep the data alone, of {sign_ins} sign-ins; crudauth
keeps no data, but the client and an anti-forgery token. Redis: growth of `used_memory`. PostgreSQL:
`pg_total_relation_size`. SQLite: the file, its log folded in.
"""


def run(options: Options, servers: Servers) -> Page:  # noqa: ARG001 - nothing is timed
    assert len(msgspec.json.encode(DATA)) == 200
    found = {
        f"Coatcheck, {engine}": asyncio.run(ours(engine, SESSIONS, servers)) for engine in (MEMORY, *ENGINES)
    }
    found["Coatcheck, near-cache"] = asyncio.run(remembered(servers, REMEMBERED))
    names = {*ON_REDIS, *ON_POSTGRES}
    for variant in CATALOGUE:
        if variant.name in names:
            subject = Subject(variant, servers)
            measure = django_rows if variant.name in ON_POSTGRES else redis_memory
            found[variant.name] = measure(subject, servers, SIGN_INS)
            subject.close()
    return page(found)


def page(found: dict[str, float]) -> Page:
    """Return what is said of the sizes."""
    rows = [(name, f"{size:,.0f}") for name, size in found.items()]
    about = ABOUT.format(sessions=SESSIONS, sign_ins=SIGN_INS)
    return Page("What a session takes", about, [Table("Bytes per session", ("where", "bytes"), rows)])


async def ours(engine: str, sessions: int, servers: Servers) -> float:
    """Return the bytes of a session in one of our stores."""
    url = servers.fresh(engine)
    store = open_store(url)
    await store.load("0" * 32)  # what is there before the first session does not count
    before = _used(engine, url, servers)
    gc.collect()
    if engine == MEMORY:
        tracemalloc.start()
    await fill(store, url, range(sessions), time.time())
    after = _used(engine, url, servers)
    if engine == MEMORY:
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    await store.close()
    if engine == SQLITE:  # closing folds the log into the file
        after = _used(engine, url, servers)
    return (after - before) / sessions


async def remembered(servers: Servers, sessions: int) -> float:
    """Return the bytes of a session that a worker remembers."""
    url = servers.fresh(SQLITE)
    inner = open_store(url)
    await fill(inner, url, range(sessions), time.time())
    near = NearStore(inner, limits=Limits(records=sessions, size=1 << 30))
    await near.load("0" * 32)
    ids = [token_of(number).id for number in range(sessions)]
    gc.collect()
    tracemalloc.start()
    for id in ids:
        await near.load(id)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert near.measure().records == sessions
    await near.close()
    return taken / sessions


def redis_memory(subject: Subject, servers: Servers, sign_ins: int) -> float:
    """Return the bytes by which Redis grows with a sign-in."""
    before = _redis_memory(servers)
    for _ in range(sign_ins):
        assert subject.host.ask("/login").cookie
    return (_redis_memory(servers) - before) / sign_ins


def django_rows(subject: Subject, servers: Servers, sign_ins: int) -> float:
    """Return the bytes by which Django's table grows with a sign-in."""
    from django.db import connection  # noqa: PLC0415 - there is none before Django is configured

    name = connection.settings_dict["NAME"]
    before = _tables(name, "django_session", servers)
    for _ in range(sign_ins):
        assert subject.host.ask("/login").cookie
    return (_tables(name, "django_session", servers) - before) / sign_ins


def _used(engine: str, url: str, servers: Servers) -> float:
    if engine == REDIS:
        return _redis_memory(servers)
    if engine == POSTGRES:
        return _tables(url.rpartition("/")[2], "coatcheck\\_%", servers)
    if engine == SQLITE:
        return (servers.folder / str(sqlite_path(url))).stat().st_size
    return 0


def _redis_memory(servers: Servers) -> float:
    report = servers.redis.command("INFO", "memory")
    return float(report["used_memory"])


def _tables(database: str, pattern: str, servers: Servers) -> float:
    tables = f"relkind = 'r' AND relname LIKE '{pattern}'"
    question = f"SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE {tables}"  # noqa: S608 - our own names
    return float(servers.postgres.sql(question, database))
