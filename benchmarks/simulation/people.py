"""People: where they live and work, what they use, and when they sign in."""

from dataclasses import dataclass, field

from benchmarks.simulation.world import DAY, Provider, World, agent
from coatcheck.core.client import KnownClient

NEW_ADDRESS = 20 * DAY  # a home gets an address of another network about so often
NEW_DEVICE = 300 * DAY
TRIP = 60 * DAY  # between two trips abroad
TRIP_LASTS = 5 * DAY
MEDIAN_GAP = 4 * DAY  # between two sign-ins of a user
SPREAD = 0.8  # of the logarithm of that gap from user to user
COLLEAGUES = 20  # per office


@dataclass
class Device:
    """A browser on a phone or a desk, which is updated some days late."""

    browser: int
    is_phone: bool
    lag: float

    def agent(self, at: float) -> str:
        return agent(self.browser, max(0.0, at - self.lag))


@dataclass
class Person:
    """One user."""

    id: str
    country: str
    home: Provider
    phone: Provider
    office: int | None
    gap: float
    network: int
    devices: list[Device] = field(default_factory=list)
    abroad_until: float = 0.0
    abroad: int = 0

    @property
    def usual(self) -> Device:
        """What they use most."""
        return self.devices[0]


class People:
    """Users of a site in the world."""

    def __init__(self, world: World, count: int) -> None:
        self.world = world
        self.dice = world.dice
        offices: dict[str, list[int]] = {}
        self.all = [self._person(number, offices) for number in range(count)]

    def sign_ins(self, start: float, end: float) -> list[tuple[float, Person]]:
        """Return who signs in when, in order."""
        found = []
        for person in self.all:
            at = start + self.dice.uniform(0, person.gap)
            while at < end:
                found.append((at, person))
                at += self.dice.expovariate(1 / person.gap)
        return sorted(found, key=lambda one: one[0])

    def client(self, person: Person, at: float) -> KnownClient:
        """Return the client with which a person signs in; now and then something about it is new."""
        dice = self.dice
        self._live(person, at)
        device = person.devices[min(len(person.devices) - 1, int(dice.expovariate(1.2)))]
        if at < person.abroad_until:
            network = person.abroad
        elif device.is_phone and dice.random() < 0.6:
            network = person.phone.network(dice)
        elif person.office is not None and dice.random() < 0.4:
            network = person.office
        else:
            network = person.network
        return KnownClient(self.world.address(network), device.agent(at))

    def _person(self, number: int, offices: dict[str, list[int]]) -> Person:
        world, dice = self.world, self.dice
        country = world.country()
        home = dice.choice(world.homes[country])
        there = offices.setdefault(country, [])
        if number % COLLEAGUES == 0 or not there:
            there.append(dice.choice(world.homes[country]).network(dice))
        person = Person(
            id=f"u{number}",
            country=country,
            home=home,
            phone=dice.choice(world.phones[country]),
            office=dice.choice(there) if dice.random() < 0.4 else None,
            gap=MEDIAN_GAP * dice.lognormvariate(0, SPREAD),
            network=home.network(dice),
        )
        kinds = dice.choices(
            [["desktop"], ["desktop", "phone"], ["phone"], ["phone", "desktop", "desktop"]], [3, 4, 2, 1]
        )
        person.devices = [self._device(kind) for kind in kinds[0]]
        return person

    def _device(self, kind: str) -> Device:
        return Device(self.world.browser(kind), kind == "phone", self.dice.expovariate(1 / (5 * DAY)))

    def _live(self, person: Person, at: float) -> None:
        """Let what happened since the last sign-in happen: a move of network, a new device, a trip."""
        dice = self.dice
        if dice.random() < person.gap / NEW_ADDRESS:
            person.network = person.home.network(dice)
        if dice.random() < person.gap / NEW_DEVICE:
            old = dice.randrange(len(person.devices))
            person.devices[old] = self._device("phone" if person.devices[old].is_phone else "desktop")
        if at > person.abroad_until and dice.random() < person.gap / TRIP:
            person.abroad_until = at + dice.expovariate(1 / TRIP_LASTS)
            person.abroad = dice.choice(self.world.homes[self.world.country()]).network(dice)
