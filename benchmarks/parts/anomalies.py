"""Anomalies: what the rules say on an ordinary day, and how soon they see an attack."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from benchmarks.options import Options
from benchmarks.page import Page, Row, Table, Verdict
from benchmarks.servers import Servers
from benchmarks.simulation.attacks import ATTACKS
from benchmarks.simulation.day import HOUR, Day
from benchmarks.simulation.people import People
from benchmarks.simulation.watching import watch
from benchmarks.simulation.world import World, WorldPlaces
from coatcheck.core.events import AnomalyFound, Event, LoginSucceeded

SEED, USERS = 8, 20_000
BEFORE, BEGINS = 3 * HOUR, 14 * HOUR  # an attack begins at two; the rules look on since eleven
SOMETIMES = ("impossible_travel", "network_change")  # honest people travel and use VPNs
ABOUT = """
A day of {users:,} made-up users (seed {seed}; {sign_ins:,} sign-ins, {events:,} events) is shown to the
standard rules with a database of places, in one worker, with their defaults. Of the sign-ins eight in a
hundred begin with wrong passwords, two with a wrong name, and two bring a token that nobody knows; phones
change networks while signed in, browsers are updated, one person in a hundred hops from country to country
with a VPN, programs sign in by the hour, and scanners scan. Nobody restores a browser's profile from a
backup, and nobody asks a phone for the pages of a desktop: each would be told, by `token_reuse` and by
`browser_change`.

The world is in `benchmarks/simulation`. Every number in it is made up, so a rate here is no promise for your
site. Each attack is then played into the afternoon of the same day.
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


def run(_options: Options, _servers: Servers) -> Page:
    world = World(SEED)
    day = Day(People(world, USERS), SEED)
    places = WorldPlaces(world)
    events = day.events()
    found = asyncio.run(watch(events, places))
    detections = {rule: asyncio.run(detect(rule, day, events, places)) for rule in ATTACKS}
    return page(events, found, detections)


async def detect(rule: str, day: Day, events: list[Event], places: WorldPlaces) -> Detection:
    """Play the attack that a rule is there for into a day; return how it was found."""
    attack = list(ATTACKS[rule](day, BEGINS))
    end = attack[-1].at
    around = [event for event in events if BEGINS - BEFORE <= event.at <= end]
    played = sorted([*around, *attack], key=lambda event: event.at)
    hits = [one for one in await watch(played, places) if one.rule == rule and one.at >= BEGINS]
    if not hits:
        return Detection(None, None)
    first = hits[0].at
    return Detection(sum(event.at <= first for event in attack), first - attack[0].at)


def page(events: list[Event], found: list[AnomalyFound], detections: dict[str, Detection]) -> Page:
    """Return what is said of the rules."""
    sign_ins = sum(isinstance(event, LoginSucceeded) for event in events)
    about = ABOUT.format(users=USERS, seed=SEED, sign_ins=sign_ins, events=len(events))
    attacks = [
        (f"`{rule}`", (ATTACKS[rule].__doc__ or "").strip(), *one.cells) for rule, one in detections.items()
    ]
    quiet = sum(event.rule not in SOMETIMES for event in found)
    verdicts = [
        Verdict("findings on an ordinary day, of rules that never speak then", 0, quiet),
        Verdict(
            "attacks found",
            len(ATTACKS),
            sum(one.events is not None for one in detections.values()),
            at_least=True,
        ),
    ]
    tables = [
        Table(
            "An ordinary day", ("rule", "findings", "of 1,000 sign-ins", "which"), _ordinary(found, sign_ins)
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
