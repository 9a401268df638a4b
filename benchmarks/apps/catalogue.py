"""Everything that is compared, in the order of the table."""

from functools import partial

from benchmarks import servers
from benchmarks.apps import bare, better, coat, djangos, fast, flasks, floor, lite, signed, star
from benchmarks.variant import NO_COOKIE, READ, Variant

STARLETTE, MEMORY, SQLITE = "Starlette, signed cookie", "Coatcheck, memory", "Coatcheck, SQLite"
POSTGRES, REDIS = "Coatcheck, PostgreSQL", "Coatcheck, Redis"
OURS = (MEMORY, SQLITE, POSTGRES, REDIS)
BARE_STARLETTE, BARE_LITESTAR, BARE_FASTAPI = "bare Starlette", "bare Litestar", "bare FastAPI"
BARE_DJANGO, BARE_FLASK, BARE_NODE = "bare Django", "bare Flask", "bare Node"

NO_WRITES = (NO_COOKIE, READ)

_PEERS_ON_REDIS = (
    Variant("starsessions, Redis", star.in_redis, BARE_STARLETTE),
    Variant("Litestar, Redis", lite.in_redis, BARE_LITESTAR),
    Variant("fastapi-redis-sdk", fast.redis_sdk, BARE_FASTAPI),
    Variant("crudauth, Redis", fast.crudauth, BARE_FASTAPI, NO_WRITES),
    Variant("Django, cache", djangos.in_cache, BARE_DJANGO),
    Variant("Flask-Session, Redis", flasks.build, BARE_FLASK),
)
ON_REDIS = tuple(variant.name for variant in _PEERS_ON_REDIS)

CATALOGUE = (
    Variant(BARE_STARLETTE, bare.build),
    Variant(BARE_FASTAPI, fast.build_bare),
    Variant(BARE_LITESTAR, lite.build_bare),
    Variant(BARE_DJANGO, djangos.build_bare),
    Variant(BARE_FLASK, flasks.build_bare),
    Variant("hand-written floor", floor.build, BARE_STARLETTE, NO_WRITES),
    *(
        Variant(f"Coatcheck, {engine}", partial(coat.build, engine=engine), BARE_STARLETTE)
        for engine in (servers.MEMORY, *servers.ENGINES)
    ),
    Variant(STARLETTE, signed.build, BARE_STARLETTE),
    Variant("starsessions, memory", star.in_memory, BARE_STARLETTE),
    Variant("Litestar, memory", lite.in_memory, BARE_LITESTAR),
    *_PEERS_ON_REDIS,
    Variant("Django, cached_db", djangos.in_cached_database, BARE_DJANGO),
    Variant("Django, db", djangos.in_database, BARE_DJANGO),
)

# Node is not installed by `make`: these come along where it is there.
ON_NODE = (
    Variant(BARE_NODE, better.build_bare, scenarios=NO_WRITES),
    Variant("better-auth, Redis", better.build, BARE_NODE, NO_WRITES),
)
