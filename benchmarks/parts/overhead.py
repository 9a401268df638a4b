"""What a session adds to a request: ours on each store and its peers, each against its bare application."""

from collections.abc import Sequence

from benchmarks import plot
from benchmarks.apps import better
from benchmarks.apps.catalogue import CATALOGUE, MEMORY, ON_NODE, ON_REDIS, OURS, REDIS, STARLETTE
from benchmarks.figures import Figure, figures
from benchmarks.options import Options
from benchmarks.page import Page, Row, Table, Verdict
from benchmarks.rounds import measure
from benchmarks.servers import Servers
from benchmarks.variant import NO_COOKIE, PATHS, READ

PLOT = "overhead.svg"
ABOUT = """
The time each library adds to the same bare application, in microseconds per request: median and
quartiles of {rounds} interleaved rounds, {requests} requests per sample, of which the median run of 20
counts. In-process ASGI or WSGI; the only network is the one to the store. PostgreSQL 18 and Redis 8 are
on the same machine, one request is under way at a time. Coatcheck's figures include what the other
session layers leave to others: route rules, checks of the sender, rotation of the token, and the idle
timeout. Security headers are another layer. crudauth reads the user from PostgreSQL with each request;
of Django and Flask-Session only the session is measured.
"""


def run(options: Options, servers: Servers) -> Page:
    reason = better.why_not()
    variants = CATALOGUE if reason else (*CATALOGUE, *ON_NODE)
    found = figures(measure(variants, servers, options.rounds, options.requests))
    if options.save:
        bars = [
            (one.name, one.overhead) for one in found if one.scenario == READ and one.overhead is not None
        ]
        plot.save(PLOT, "Microseconds that a session adds to a signed-in request", bars)
    return page(found, options, reason)


def page(found: Sequence[Figure], options: Options, reason: str = "") -> Page:
    """Return what is said of the figures."""
    about = ABOUT.format(rounds=options.rounds, requests=options.requests)
    if reason:
        about += f"better-auth was left out: {reason}.\n"
    head = ("variant", "request", "adds", "quartiles", "of Starlette's")
    tables = [
        Table(scenario.capitalize(), head, [_row(one, found) for one in found if one.scenario == scenario])
        for scenario in PATHS
    ]
    return Page("What a session costs", about, tables, verdicts(found))


def verdicts(found: Sequence[Figure]) -> list[Verdict]:
    added = {(one.name, one.scenario): one.overhead for one in found if one.overhead is not None}
    best = min(ON_REDIS, key=lambda name: added[name, READ])
    return [
        Verdict(f"{MEMORY}, {NO_COOKIE}: of Starlette's", 0.25, _share(added, MEMORY, NO_COOKIE)),
        *(Verdict(f"{name}, {READ}: of Starlette's", 0.4, _share(added, name, READ)) for name in OURS),
        Verdict(f"{REDIS}, {READ}: of {best}'s", 0.05, added[REDIS, READ] / added[best, READ]),
    ]


def _share(added: dict[tuple[str, str], float], name: str, scenario: str) -> float:
    return added[name, scenario] / added[STARLETTE, scenario]


def _row(one: Figure, found: Sequence[Figure]) -> Row:
    if one.overhead is None:
        return one.name, f"{one.total:.1f}", "", f"{one.low:.1f} to {one.high:.1f}", ""
    yardstick = next(other for other in found if (other.name, other.scenario) == (STARLETTE, one.scenario))
    share = one.overhead / yardstick.overhead if yardstick.overhead else 0.0
    return (
        one.name,
        f"{one.total:.1f}",
        f"{one.overhead:+.1f}",
        f"{one.low:.1f} to {one.high:.1f}",
        f"{share:.2f}",
    )
