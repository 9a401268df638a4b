"""What a million sessions need, and ten and a hundred: arithmetic on what the benchmarks measured."""

from collections.abc import Callable

from coatcheck.core.lifetimes import DAY, Lifetimes
from coatcheck.stores.postgres.server import MOST_CONNECTIONS
from coatcheck.stores.redis.clients import CONNECTIONS
from docs.parts.benchmarks import rows_of
from docs.parts.docstrings import table

COUNTS = (1_000_000, 10_000_000, 100_000_000)
ACTIVE = 1 / 20  # of the sessions: people at their screens
PER_SECOND = 1 / 10  # requests of each of them
PER_WORKER = 500  # requests per second
MESSAGE = 100  # bytes of a change that is told: an id, and what the engine and the network add
GIGA, KILO = 1e9, 1e3
PRECISE = 10  # what is less gets a second digit

Sum = Callable[[int], float]


def arithmetic(_: str = "") -> str:
    """Return the table."""
    size = {name: float(told.replace(",", "")) for name, told in rows_of("sizes", "bytes-per-session")}
    postgres, redis = size["Coatcheck, PostgreSQL"], size["Coatcheck, Redis"]
    sums: dict[str, Sum] = {
        "people active at once": lambda sessions: sessions * ACTIVE,
        "requests per second": lambda sessions: sessions * ACTIVE * PER_SECOND,
        f"workers, at {PER_WORKER} requests per second each": _workers,
        "touches per second": lambda sessions: sessions * ACTIVE / Lifetimes().touch_interval,
        "changes told per second": changes,
        "feed to each worker, kB per second": lambda sessions: changes(sessions) * MESSAGE / KILO,
        "PostgreSQL: live sessions, GB": lambda sessions: sessions * postgres / GIGA,
        "PostgreSQL: and a week of expired ones, GB": lambda sessions: 8 * sessions * postgres / GIGA,
        "Redis: live sessions, GB": lambda sessions: sessions * redis / GIGA,
        "Redis: and a week of expired ones, GB": lambda sessions: 8 * sessions * redis / GIGA,
        "connections to PostgreSQL, at most": lambda sessions: _workers(sessions) * (MOST_CONNECTIONS + 1),
        "connections to Redis, at most": lambda sessions: _workers(sessions) * (CONNECTIONS + 1),
        "near-cache of everybody active, GB": lambda sessions: (
            sessions * ACTIVE * size["Coatcheck, near-cache"] / GIGA
        ),
    }
    rows = [(what, *(_short(total(sessions)) for sessions in COUNTS)) for what, total in sums.items()]
    return table(("sessions", *(f"{count:,}" for count in COUNTS)), rows)


def changes(sessions: int) -> float:
    """Return the changes per second that the feed tells: rotations, sign-ins and ends."""
    rotations = sessions * ACTIVE / Lifetimes().rotation.period
    return rotations + 2 * sessions / DAY


def _workers(sessions: int) -> float:
    return sessions * ACTIVE * PER_SECOND / PER_WORKER


def _short(value: float) -> str:
    return f"{value:.2g}" if value < PRECISE else f"{value:,.0f}"
