"""Judges of sign-ins, and a trial: people live, attackers try, and every judge says what it thinks."""

from dataclasses import dataclass, field

from benchmarks.simulation.attackers import ATTACKERS
from benchmarks.simulation.people import People, Person
from benchmarks.simulation.world import DAY, World, WorldPlaces
from coatcheck.core.client import Client
from coatcheck.core.device import describe
from coatcheck.watch.places import NOWHERE, Places
from coatcheck.watch.risk.features import Path, features
from coatcheck.watch.risk.risk import MOST_OF_ALL, MOST_OF_USER
from coatcheck.watch.risk.score import score
from coatcheck.watch.risk.tally import Tally

ATTACKED = 0.2  # of the sign-ins after the first days have an attack of each kind beside them
WITH_PLACES, WITHOUT_PLACES, SIMPLE = "with places", "without places", "simple rule"


@dataclass
class Scores:
    """What came out: values of honest sign-ins with the number of earlier ones, and of attacks."""

    honest: list[tuple[float, int]] = field(default_factory=list)
    attacks: dict[str, list[tuple[float, int]]] = field(
        default_factory=lambda: {name: [] for name in ATTACKERS}
    )

    def of_users_with(self, low: int, high: int) -> "Scores":
        """Return the scores of users of whom so many sign-ins were known."""

        def within(values: list[tuple[float, int]]) -> list[tuple[float, int]]:
            return [one for one in values if low <= one[1] <= high]

        return Scores(within(self.honest), {kind: within(values) for kind, values in self.attacks.items()})


class Judge:
    """Scores sign-ins, and learns the honest ones, as `Risk` does without a store."""

    def __init__(self, places: Places | None) -> None:
        self._places = places
        self._users: dict[str, Tally] = {}
        self._everyone = Tally(limit=MOST_OF_ALL)

    def score(self, person: Person, client: Client) -> tuple[float, int]:
        user = self._users.setdefault(person.id, Tally(limit=MOST_OF_USER))
        found = score(self._paths(client), user, self._everyone)
        return found.value, found.known

    def learn(self, person: Person, client: Client) -> None:
        user, paths = self._users[person.id], self._paths(client)
        self._everyone.add(paths)
        user.add(paths)

    def _paths(self, client: Client) -> dict[str, Path]:
        place = self._places.locate(client.ip) if self._places else NOWHERE
        return features(describe(client.ip, client.user_agent), place).paths


class Novelty:
    """The simple rule, to compare with: a network or a browser that this user never had counts one each."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[set[str], set[str]]] = {}
        self._times: dict[str, int] = {}

    def score(self, person: Person, client: Client) -> tuple[float, int]:
        networks, labels = self._seen.setdefault(person.id, (set(), set()))
        network, label = self._of(client)
        return float(network not in networks) + float(label not in labels), self._times.get(person.id, 0)

    def learn(self, person: Person, client: Client) -> None:
        for seen, value in zip(self._seen[person.id], self._of(client), strict=True):
            seen.add(value)
        self._times[person.id] = self._times.get(person.id, 0) + 1

    def _of(self, client: Client) -> tuple[str, str]:
        found = features(describe(client.ip, client.user_agent))
        return found.origin[-1], " ".join(found.client[:2])


def trial(seed: int, users: int, days: int, settled: int) -> tuple[dict[str, Scores], int]:
    """Let people live and attackers try; return the scores of each judge, and how often people signed in.

    Scores of the first `settled` days are left out: nobody knows anybody then.
    """
    world = World(seed)
    people = People(world, users)
    judges = {
        "with places": Judge(WorldPlaces(world)),
        "without places": Judge(None),
        "simple rule": Novelty(),
    }
    found = {name: Scores() for name in judges}
    sign_ins = people.sign_ins(0, days * DAY)
    for at, person in sign_ins:
        client = people.client(person, at)
        is_late = at > settled * DAY
        attacked = is_late and people.dice.random() < ATTACKED
        attacks = {name: attack(people, person, at) for name, attack in ATTACKERS.items()} if attacked else {}
        for name, judge in judges.items():
            value, known = judge.score(person, client)
            if is_late:
                found[name].honest.append((value, known))
            for kind, attempt in attacks.items():
                found[name].attacks[kind].append(judge.score(person, attempt))
            judge.learn(person, client)
    return found, len(sign_ins)
