"""Attacks as events: one for each rule, all begun at the same moment."""

from collections.abc import Callable, Iterator

from benchmarks.simulation.day import HOUR, MINUTE, Day
from benchmarks.simulation.world import agent
from coatcheck.core.device import Device, describe
from coatcheck.core.events import (
    Event,
    LoginFailed,
    LoginSucceeded,
    SessionCreated,
    SessionRotated,
    TokenReused,
    TokenUnknown,
)
from coatcheck.core.evidence import Evidence

Attack = Callable[[Day, float], Iterator[Event]]


def token_reuse(day: Day, at: float) -> Iterator[Event]:
    """A stolen cookie comes back after its owner went on."""
    against = Evidence(presented=2, current=7, age=4_000.0, one_step_back=False)
    yield TokenReused(
        at=at, device=_server(day), session_id=day.session(), user_id="u1", evidence=against, ended=True
    )


def unknown_tokens(day: Day, at: float) -> Iterator[Event]:
    """Session ids are guessed, 20 a second from a dozen addresses of one network."""
    network = _network(day)
    for second in range(120):
        yield TokenUnknown(at=at + second, device=_at(day, network), count=20)


def credential_stuffing(day: Day, at: float) -> Iterator[Event]:
    """A leaked list is tried, one name a second from one network; one in a hundred fits."""
    network = _network(day)
    for second in range(600):
        name, device = f"stuffed{second}", _at(day, network)
        if day.dice.random() < 0.01:
            yield LoginSucceeded(at=at + second, device=device, user_id=name, amr=("pwd",))
        else:
            yield LoginFailed(at=at + second, device=device, cause="unknown_user", tried=name)


def password_spraying(day: Day, at: float) -> Iterator[Event]:
    """One password for every name, one name about every ten seconds, each from a network of its own."""
    for number in range(360):
        moment = at + 10 * (number + day.dice.uniform(-0.05, 0.05))
        yield LoginFailed(at=moment, device=_server(day), cause="wrong_password", tried=f"sprayed{number}")


def brute_force(day: Day, at: float) -> Iterator[Event]:
    """Many passwords for one name, one about every minute, each from a network of its own."""
    for number in range(60):
        moment = at + MINUTE * (number + day.dice.uniform(-0.5, 0.5))
        yield LoginFailed(at=moment, device=_server(day), cause="wrong_password", user_id="u1", tried="u1")


def browser_change(day: Day, at: float) -> Iterator[Event]:
    """A stolen cookie is used with another browser."""
    yield _stolen(day, at, agent(5, 0.0))


def network_change(day: Day, at: float) -> Iterator[Event]:
    """A stolen cookie is used with the same browser in another country."""
    yield _stolen(day, at, agent(0, 0.0))


def session_burst(day: Day, at: float) -> Iterator[Event]:
    """Somebody has a password and begins a session with it every ten seconds."""
    for number in range(20):
        yield SessionCreated(at=at + 10 * number, device=_server(day), user_id="u1", session_id=day.session())


def rate_shift(day: Day, at: float) -> Iterator[Event]:
    """Names and passwords are tried at random, from networks that are never the same: 60 a minute."""
    moment = at
    while (moment := moment + day.dice.expovariate(1.0)) < at + HOUR / 2:
        tried = f"{day.dice.getrandbits(64):x}"
        yield LoginFailed(at=moment, device=_server(day), cause="unknown_user", tried=tried)


def impossible_travel(day: Day, at: float) -> Iterator[Event]:
    """A user in Germany signs in, and ten minutes later from Brazil."""
    for minutes, country in ((0, "DE"), (10, "BR")):
        device = _at(day, day.dice.choice(day.world.homes[country]).network(day.dice))
        yield SessionCreated(
            at=at + MINUTE * minutes, device=device, user_id="traveller", session_id=day.session()
        )


ATTACKS: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        *(token_reuse, unknown_tokens, credential_stuffing, password_spraying, brute_force),
        *(browser_change, network_change, session_burst, rate_shift, impossible_travel),
    )
}
"""By the name of the rule that is there for it."""


def _network(day: Day) -> int:
    return day.dice.choice(day.world.hosts[day.world.country()]).network(day.dice)


def _at(day: Day, network: int) -> Device:
    return describe(day.world.address(network), agent(0, 0.0))


def _server(day: Day) -> Device:
    return _at(day, _network(day))


def _stolen(day: Day, at: float, user_agent: str) -> Event:
    owner = _at(day, day.dice.choice(day.world.homes["DE"]).network(day.dice))
    thief = describe(day.world.address(day.dice.choice(day.world.hosts["US"]).network(day.dice)), user_agent)
    return SessionRotated(
        at=at, device=thief, begun_on=owner, generation=3, session_id=day.session(), user_id="u1"
    )
