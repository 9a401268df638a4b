"""Attackers who have the password: the three of Freeman et al. and of those who followed them."""

from collections.abc import Callable

from benchmarks.simulation.people import People, Person
from benchmarks.simulation.world import COUNTRIES, agent
from coatcheck.core.client import KnownClient

Attacker = Callable[[People, Person, float], KnownClient]


def naive(people: People, _: Person, at: float) -> KnownClient:
    """Knows nothing of the user: a server anywhere, and a browser that is common."""
    world, dice = people.world, people.dice
    host = dice.choice(world.hosts[dice.choice(COUNTRIES)[0]])
    return KnownClient(world.address(host.network(dice)), agent(world.browser(), at))


def vpn(people: People, victim: Person, at: float) -> KnownClient:
    """Knows the country: a VPN there, and a browser that is common."""
    world, dice = people.world, people.dice
    host = dice.choice(world.hosts[victim.country])
    return KnownClient(world.address(host.network(dice)), agent(world.browser(), at))


def targeted(people: People, victim: Person, at: float) -> KnownClient:
    """Knows the provider and the browser too: an address next door, and the same user agent."""
    return KnownClient(people.world.address(victim.home.network(people.dice)), victim.usual.agent(at))


ATTACKERS: dict[str, Attacker] = {"naive": naive, "VPN": vpn, "targeted": targeted}
