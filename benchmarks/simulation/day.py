"""An ordinary day as events: people sign in, mistype, roam and leave; programs and scanners do as ever."""

import random
from collections.abc import Iterator

from benchmarks.simulation.people import People, Person
from benchmarks.simulation.world import DAY, agent
from coatcheck.core.device import Device, describe
from coatcheck.core.events import (
    AccessDenied,
    Event,
    LoginFailed,
    LoginSucceeded,
    SessionCreated,
    SessionOver,
    SessionRotated,
    TokenMalformed,
    TokenUnknown,
)
from coatcheck.core.reason import Reason

HOUR, MINUTE = 3600.0, 60.0
BUSY = (1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 11, 12, 13, 12, 11, 10, 9, 9, 8, 6, 4, 2)  # by the hour
MISTYPE = 0.08  # of the sign-ins begin with one to three wrong passwords
MISNAME = 0.02  # and with a name that is nobody's
GIVE_UP = 0.1  # of those who mistyped do not get in that day
STALE = 0.02  # bring a token that nobody knows
UPDATED = 0.005  # get an update of their browser while they are signed in
ROAM = 0.1  # of a phone's rotations come from another network than the one before
HOP = 0.01  # of the people use a VPN that comes out in another country, for some of their sign-ins
STAYS = 25 * MINUTE
ROTATION = 15 * MINUTE
SCRIPTS = 20  # accounts of programs that sign in once an hour
SCANNERS = 30  # requests an hour with cookies that are no tokens


class Day:
    """One day of a site. Its moments are seconds since the first midnight."""

    def __init__(self, people: People, seed: int) -> None:
        self.people = people
        self.world = people.world
        self.dice = random.Random(seed)
        self._sessions = 0

    def events(self) -> list[Event]:
        """Return everything that happens, in order."""
        found = [event for person in self.people.all for event in self._person(person)]
        found += [*self._scripts(), *self._scanners()]
        return sorted(found, key=lambda event: event.at)

    def session(self) -> str:
        """Return a session id."""
        self._sessions += 1
        return f"{self._sessions:032x}"

    def _person(self, person: Person) -> Iterator[Event]:
        hops = self.dice.random() < HOP
        for _ in range(self._poisson(DAY / person.gap)):
            hour = self.dice.choices(range(24), BUSY)[0]
            yield from self._visit(person, HOUR * (hour + self.dice.random()), hops=hops)

    def _visit(self, person: Person, at: float, *, hops: bool) -> Iterator[Event]:
        dice, client = self.dice, self.people.client(person, at)
        device = describe(client.ip, client.user_agent)
        if hops and dice.random() < 0.5:
            abroad = dice.choice(self.world.hosts[self.world.country()]).network(dice)
            device = describe(self.world.address(abroad), client.user_agent)
        if dice.random() < STALE:
            yield TokenUnknown(at=at, device=device)
        if dice.random() < MISNAME:
            yield LoginFailed(at=at, device=device, cause="unknown_user", tried=f"{dice.getrandbits(64):x}")
            at += dice.uniform(5, 40)
        if dice.random() < MISTYPE:
            for _ in range(dice.choice((1, 1, 1, 2, 3))):
                yield LoginFailed(
                    at=at, device=device, user_id=person.id, cause="wrong_password", tried=person.id
                )
                at += dice.uniform(5, 40)
            if dice.random() < GIVE_UP:
                return
        yield LoginSucceeded(at=at, device=device, user_id=person.id, amr=("pwd",))
        yield from self._session(person, at, device)

    def _session(self, person: Person, at: float, device: Device) -> Iterator[Event]:
        dice, id = self.dice, self.session()
        whose = {"session_id": id, "user_id": person.id}
        yield SessionCreated(at=at, device=device, **whose)
        end, now, generation = at + dice.expovariate(1 / STAYS), device, 1
        updates = dice.random() < UPDATED
        while (at := at + ROTATION) < end:
            generation += 1
            if "Mobile" in now.user_agent and dice.random() < ROAM:
                there = dice.choice((person.network, person.phone.network(dice)))
                now = describe(self.world.address(there), now.user_agent)
            if updates:
                now = describe(now.ip, now.user_agent.replace(self._version, self._next_version))
            begun_on = device if device != now else None
            yield SessionRotated(at=at, device=now, generation=generation, begun_on=begun_on, **whose)
        if dice.random() < 0.4:
            yield SessionOver(at=end, device=now, reason=Reason.LOGGED_OUT, **whose)

    @property
    def _version(self) -> str:
        return agent(0, 0.0).partition("Chrome/")[2].partition(".")[0]

    @property
    def _next_version(self) -> str:
        return str(int(self._version) + 1)

    def _scripts(self) -> Iterator[Event]:
        for number in range(SCRIPTS):
            host = self.dice.choice(self.world.hosts["DE"]).network(self.dice)
            device, user = describe(self.world.address(host), "curl/8.5.0"), f"script{number}"
            minute = self.dice.uniform(0, HOUR)
            for hour in range(24):
                at = HOUR * hour + minute
                yield LoginSucceeded(at=at, device=device, user_id=user, amr=("pwd",))
                yield SessionCreated(at=at, device=device, user_id=user, session_id=self.session())

    def _scanners(self) -> Iterator[Event]:
        for _ in range(24 * SCANNERS):
            at, host = self.dice.uniform(0, DAY), self.dice.choice(self.world.hosts[self.world.country()])
            device = describe(self.world.address(host.network(self.dice)), "curl/8.5.0")
            yield TokenMalformed(at=at, device=device)
            yield AccessDenied(at=at, device=device, reason=Reason.NO_SESSION, path="/.env")

    def _poisson(self, mean: float) -> int:
        count, left = 0, self.dice.expovariate(1.0)
        while left < mean:
            count, left = count + 1, left + self.dice.expovariate(1.0)
        return count
