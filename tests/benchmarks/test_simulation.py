"""The made-up world is the same each time, and its figures are what their names say."""

from dataclasses import replace

import pytest

from benchmarks.parts import anomalies, risk
from benchmarks.parts.anomalies import Detection
from benchmarks.servers import ENGINES, MEMORY
from benchmarks.simulation.attackers import ATTACKERS
from benchmarks.simulation.costs import per_call, per_event
from benchmarks.simulation.day import Day
from benchmarks.simulation.judging import SIMPLE, WITH_PLACES, WITHOUT_PLACES, Scores, trial
from benchmarks.simulation.people import People
from benchmarks.simulation.world import World, WorldPlaces


def test_the_same_seed_makes_the_same_people_attackers_and_scores():
    assert trial(seed=1, users=20, days=20, settled=5) == trial(seed=1, users=20, days=20, settled=5)
    assert trial(seed=1, users=20, days=20, settled=5) != trial(seed=2, users=20, days=20, settled=5)


def test_the_same_seed_makes_the_same_day():
    assert Day(People(World(1), 20), 1).events() == Day(People(World(1), 20), 1).events()


def test_attackers_who_know_less_are_told_from_users_more_easily():
    found, sign_ins = trial(seed=1, users=80, days=120, settled=40)
    assert sign_ins > 2_000
    areas = [risk.area(found[WITH_PLACES], kind) for kind in ("naive", "VPN", "targeted")]
    assert areas == sorted(areas, reverse=True)
    assert areas[0] > 0.97
    assert set(found) == {WITH_PLACES, WITHOUT_PLACES, SIMPLE}
    assert "400 made-up users" in risk.page(found, sign_ins).about


def test_a_threshold_asks_as_many_as_it_says_and_first_sign_ins_count_nowhere():
    honest = [(float(value), 1) for value in range(100)] + [(1_000.0, 0)] * 50
    assert risk.share(honest, risk.threshold(honest, 0.05)) == 0.05


def test_a_draw_counts_half():
    scores = Scores([(0.0, 1), (1.0, 1)], {kind: [(1.0, 1)] for kind in ATTACKERS})
    assert risk.area(scores, "naive") == 0.75


def test_an_attack_that_was_not_found_is_a_target_missed():
    day = Day(People(World(1), 20), 1)
    found = dict.fromkeys(anomalies.ATTACKS, Detection(3, 2.0))
    page = anomalies.page(day.events(), [], found)
    assert all(verdict.met for verdict in page.verdicts)
    missed = anomalies.page(day.events(), [], found | {"brute_force": Detection(None, None)})
    assert [verdict.met for verdict in missed.verdicts] == [True, False]
    assert "not found" in str(missed.tables)


@pytest.mark.parametrize("kind", ATTACKERS)
def test_attackers_leave_people_as_they_are(kind):
    people = People(World(1), 1)
    before = replace(people.all[0])
    ATTACKERS[kind](people, people.all[0], 0.0)
    assert people.all[0] == before


async def test_looking_costs_something_on_every_engine(servers):
    world = World(1)
    events = Day(People(world, 100), 1).events()
    assert all(cost > 0 for cost in (await per_event(events, WorldPlaces(world))).values())
    costs = await per_call(events, servers)
    assert set(costs) == {MEMORY, *ENGINES}
    assert all(cost > 0 for calls in costs.values() for cost in calls.values())
