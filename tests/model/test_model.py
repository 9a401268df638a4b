"""The six properties of protocol.md section 2, in every small world and on long walks through large ones."""

from collections import Counter

import pytest

from tests.model.mutants import MUTANTS
from tests.model.scenarios import LARGE, SMALL
from tests.model.search import PropertyBroken, exhaust, walk
from tests.model.world import World

STEPS = 50_000  # on each of the four walks


@pytest.mark.parametrize("scenario", SMALL, ids=lambda scenario: scenario.name)
def test_no_step_of_a_small_world_breaks_a_property(scenario):
    assert exhaust(scenario) > 2000, "the world is as large as it was meant to be"


@pytest.mark.parametrize("scenario", LARGE, ids=lambda scenario: scenario.name)
def test_no_step_of_a_long_walk_breaks_a_property(scenario):
    assert walk(scenario, STEPS, seed=1) > 10


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(2, 12))
@pytest.mark.parametrize("scenario", LARGE, ids=lambda scenario: scenario.name)
def test_no_step_of_a_very_long_walk_breaks_a_property(scenario, seed):
    assert walk(scenario, 100_000, seed) > 20


@pytest.mark.parametrize("scenario", SMALL, ids=lambda scenario: scenario.name)
def test_a_record_admits_three_tokens_and_no_more(scenario):
    """Property 3: no two chains live for one carrier, whatever tokens were ever handed out."""
    world = World(scenario)
    seen = set()
    frontier = [world.start()]
    while frontier and len(seen) < 3000:
        state = frontier.pop()
        frontier += [after for _, after, _ in world.steps(state) if after not in seen]
        seen.update(frontier)
    for record in {state.store for state in seen if state.store}:
        verdicts = (world.symbols.judge(token, record, 0) for token in range(len(world.symbols.tokens)))
        standings = Counter(verdict.standing for verdict in verdicts if verdict.admitted)
        assert all(count == 1 for count in standings.values())
        assert len(standings) <= 3


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_the_search_notices_a_broken_rule(mutant, monkeypatch):
    mutant.patch(monkeypatch)
    worlds = [scenario for scenario in SMALL if scenario.name == mutant.world]
    with pytest.raises(PropertyBroken, match=f"^{mutant.breaks}:"):
        exhaust(*worlds, mutant.rules)
