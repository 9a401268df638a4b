"""Everything that is compared, in the order of the table."""

from benchmarks.apps import bare, coat, floor, lite, signed, star
from benchmarks.variant import NO_COOKIE, READ, Variant

STARLETTE, MEMORY, SQLITE = "Starlette, signed cookie", "Coatcheck, memory", "Coatcheck, SQLite"
BARE_STARLETTE, BARE_LITESTAR = "bare Starlette", "bare Litestar"

CATALOGUE = (
    Variant(BARE_STARLETTE, bare.build),
    Variant(BARE_LITESTAR, lite.build_bare),
    Variant("hand-written floor", floor.build, BARE_STARLETTE, (NO_COOKIE, READ)),
    Variant(MEMORY, coat.in_memory, BARE_STARLETTE),
    Variant(SQLITE, coat.in_sqlite, BARE_STARLETTE),
    Variant(STARLETTE, signed.build, BARE_STARLETTE),
    Variant("starsessions, memory", star.build, BARE_STARLETTE),
    Variant("Litestar, memory", lite.build, BARE_LITESTAR),
)
