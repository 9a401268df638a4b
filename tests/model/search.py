"""Two ways through a world: breadth first to exhaustion, and at random for a long time."""

from collections import deque
from random import Random

from tests.model.symbols import AS_WRITTEN, DEAD, Rules
from tests.model.world import Scenario, State, World


class PropertyBroken(AssertionError):
    """A property does not hold; the message tells the shortest way there."""


def exhaust(scenario: Scenario, rules: Rules = AS_WRITTEN) -> int:
    """Visit every state; return how many there are.

    Raises:
        PropertyBroken: A step breaks a property; the trace is a shortest one.
    """
    world = World(scenario, rules)
    start = world.start()
    came_from: dict[State, tuple[State, str] | None] = {start: None}
    frontier = deque([start])
    while frontier:
        state = frontier.popleft()
        for label, after, broken in world.steps(state):
            if broken:
                raise PropertyBroken(f"{broken} in {scenario.name}:\n" + trace(came_from, state, label))
            if after not in came_from:
                came_from[after] = (state, label)
                frontier.append(after)
    if all(state.store is DEAD or state.store[0] == start.store[0] for state in came_from):
        raise PropertyBroken(f"2: no token is ever replaced in {scenario.name}")
    return len(came_from)


def trace(came_from: dict, state: State, last: str) -> str:
    labels = [last]
    step = came_from[state]
    while step is not None:
        labels.append(step[1])
        step = came_from[step[0]]
    return "\n".join(reversed(labels))


def walk(scenario: Scenario, steps: int, seed: int, rules: Rules = AS_WRITTEN) -> int:
    """Wander for so many steps, starting anew where a world ends; return how many worlds were seen.

    Raises:
        PropertyBroken: A step breaks a property.
    """
    random = Random(seed)  # noqa: S311 - chooses a path, guards nothing
    world = World(scenario, rules)
    worlds, state, labels = 1, world.start(), []
    for _ in range(steps):
        label, after, broken = random.choice(list(world.steps(state)))
        labels.append(label)
        if broken:
            raise PropertyBroken(f"{broken} in {scenario.name}, seed {seed}:\n" + "\n".join(labels[-40:]))
        state = after
        if not after.net and not after.budget[0] and not after.budget[-2]:
            worlds, state, labels = worlds + 1, world.start(), []
    return worlds
