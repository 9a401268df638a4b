"""Each rule sees the attack it is there for, and says nothing on an ordinary day (benchmarks/simulation)."""

import asyncio
from collections import Counter

import pytest

from benchmarks.simulation.attacks import ATTACKS
from benchmarks.simulation.day import HOUR, Day
from benchmarks.simulation.people import People
from benchmarks.simulation.watching import watch
from benchmarks.simulation.world import World, WorldPlaces
from coatcheck.core.events import LoginSucceeded
from coatcheck.watch.anomaly import standard_rules

USERS, BEGINS = 4_000, 14 * HOUR
RARELY = 0.01  # of the sign-ins: people who travel, or hop with a VPN


@pytest.fixture(scope="module")
def site():
    """A day of a site, made once, with all its events."""
    world = World(seed=3)
    day = Day(People(world, USERS), seed=3)
    return day, day.events(), WorldPlaces(world)


def test_nobody_is_accused_on_an_ordinary_day(site):
    _, events, places = site
    found = Counter(event.rule for event in asyncio.run(watch(events, places)))
    sign_ins = sum(isinstance(event, LoginSucceeded) for event in events)
    assert sign_ins > 1_000
    rarely = found.pop("network_change", 0) + found.pop("impossible_travel", 0)
    assert rarely < RARELY * sign_ins
    assert not found


@pytest.mark.parametrize("rule", ATTACKS)
def test_an_attack_among_people_is_found_by_the_rule_that_is_there_for_it(site, rule):
    day, events, places = site
    attack = list(ATTACKS[rule](day, BEGINS))
    around = [event for event in events if BEGINS - 3 * HOUR <= event.at <= attack[-1].at]
    found = asyncio.run(watch(sorted([*around, *attack], key=lambda event: event.at), places))
    assert rule in {event.rule for event in found if event.at >= BEGINS}


def test_there_is_an_attack_for_every_rule(site):
    assert set(ATTACKS) == {rule.name for rule in standard_rules(site[2])}
