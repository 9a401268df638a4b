"""Anomalies: what the rules say on an ordinary day, and how soon they see an attack."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace

from benchmarks.options import Options
from benchmarks.page import Page, Row, Table, Verdict
from benchmarks.servers import Servers
from benchmarks.simulation.attacks import ATTACKS
from benchmarks.simulation.costs import per_call, per_event
from benchmarks.simulation.day import HOUR, Day
from benchmarks.simulation.people import People
from benchmarks.simulation.watching import BATCH, watch
from benchmarks.simulation.world import World, WorldPlaces
from coatcheck.core.events import AnomalyFound, Event, LoginSucceeded

SEEDS, USERS = range(8, 13), 10_000
BEFORE, BEGINS = 3 * HOUR, 14 * HOUR  # an attack begins at two; the rules look on since eleven
SOMETIMES = ("impossible_travel", "network_change")  # honest people travel and use VPNs
ABOUT = """
Days of {users:,} made-up users each (seeds {first} to {last}; {sign_ins:,} sign-ins, {events:,} events) are
shown to the standard rules with a database of places, in one worker, with their defaults. Of a hundred
sign-ins eight begin with wrong passwords, two with a wrong name, and two bring a token that nobody knows;
phones change networks while signed in, browsers are updated, one person in a hundred hops from country to
country with a VPN, programs sign in by the hour, and scanners scan. Nobody restores a browser's profile from
a backup, and nobody asks a phone for the pages of a desktop: each would be told, by `token_reuse` and by
`browser_change`.

The world is in `benchmarks/simulation`. Every number in it is made up, so a rate here is no promise for your
site. Each attack is then played into the afternoon of the last day.
"""


@dataclass(frozen=True)
class Detection:
    """How an attack was found: after so many of its events, and seconds; None if it was not."""

    events: int | None
    seconds: float | None

    @property
    def cells(self) -> Row:
        if self.events is None or self.seconds is None:
            return "not found", ""
        return f"{self.events:,}", f"{self.seconds:,.0f} s"


@dataclass(frozen=True)
class Site:
    """A day of a site with all its events, and the places of its world."""

    day: Day
    events: list[Event]
    places: WorldPlaces


def run(_options: Options, servers: Servers) -> Page:
    sites = [made(seed, USERS) for seed in SEEDS]
    found = [event for site in sites for event in asyncio.run(watch(site.events, site.places))]
    detections = {rule: asyncio.run(detect(rule, sites[-1])) for rule in ATTACKS}
    found_page = page([event for site in sites for event in site.events], found, detections)
    return replace(found_page, tables=[*found_page.tables, *_costs(sites[0], servers)])


def made(seed: int, users: int) -> Site:
    """Make a site and a day of it."""
    world = World(seed)
    day = Day(People(world, users), seed)
    return Site(day, day.events(), WorldPlaces(world))


async def detect(rule: str, site: Site) -> Detection:
    """Play the attack that a rule is there for into a day; return how it was found."""
    attack = list(ATTACKS[rule](site.day, BEGINS))
    end = attack[-1].at
    around = [event for event in site.events if BEGINS - BEFORE <= event.at <= end]
    played = sorted([*around, *attack], key=lambda event: event.at)
    hits = [one for one in await watch(played, site.places) if one.rule == rule and one.at >= BEGINS]
    if not hits:
        return Detection(None, None)
    first = hits[0].at
    return Detection(sum(event.at <= first for event in attack), first - attack[0].at)


def page(events: list[Event], found: list[AnomalyFound], detections: dict[str, Detection]) -> Page:
    """Return what is said of the rules."""
    sign_ins = sum(isinstance(event, LoginSucceeded) for event in events)
    about = ABOUT.format(users=USERS, first=SEEDS[0], last=SEEDS[-1], sign_ins=sign_ins, events=len(events))
    attacks = [
        (f"`{rule}`", (ATTACKS[rule].__doc__ or "").strip(), *one.cells) for rule, one in detections.items()
    ]
    quiet = sum(event.rule not in SOMETIMES for event in found)
    verdicts = [
        Verdict("findings on ordinary days, of rules that never speak then", 0, quiet),
        Verdict(
            "attacks found",
            len(ATTACKS),
            sum(one.events is not None for one in detections.values()),
            at_least=True,
        ),
    ]
    tables = [
        Table(
            "Ordinary days", ("rule", "findings", "of 1,000 sign-ins", "which"), _ordinary(found, sign_ins)
        ),
        Table("Attacks", ("rule", "attack", "found after events", "and after"), attacks),
    ]
    return Page("What the rules find", about, tables, verdicts)


def _ordinary(found: list[AnomalyFound], sign_ins: int) -> list[Row]:
    rows: list[Row] = []
    for rule in ATTACKS:
        counts = Counter(event.severity for event in found if event.rule == rule)
        said = ", ".join(f"{count} of severity {severity}" for severity, count in counts.items())
        rows.append((f"`{rule}`", str(counts.total()), f"{1_000 * counts.total() / sign_ins:.2f}", said))
    return rows


def _costs(site: Site, servers: Servers) -> list[Table]:
    each_event = asyncio.run(per_event(site.events[:BATCH], site.places))
    calls = asyncio.run(per_call(site.events, servers))
    rows = [(what, f"{cost:.2f}") for what, cost in each_event.items()]
    what_for = next(iter(calls.values()))
    stored = [(what, *(f"{costs[what]:,.0f}" for costs in calls.values())) for what in what_for]
    return [
        Table("What an event costs", ("microseconds", "of the worker"), rows),
        Table("What the store is asked", ("microseconds", *calls), stored),
    ]
