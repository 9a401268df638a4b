"""Refresh tokens under search: every step of a small world against the real `core/grants.py`.

Some tabs share one storage; the network loses, repeats, delays and reorders; a thief copied the storage
once. Time passes in ticks, and nothing honest is under way longer than the overlap.
"""

from collections import deque
from functools import cache
from typing import NamedTuple

import pytest

from coatcheck.core import grants
from coatcheck.core.chain import Chain, Standing
from coatcheck.core.grant import Grant
from coatcheck.core.lifetimes import Rotation
from coatcheck.core.plan import Verdict
from coatcheck.core.token import another
from coatcheck.testing import SeededEntropy
from tests.core.support import FIRST, make_record

ROTATION = Rotation(period=9, overlap=2, tolerance=1)
OVERLAP, GRACE = 2, 3  # ticks
OLD = GRACE + 2  # ages beyond are all the same
LAST = 3  # generations; older worlds only repeat themselves
NOW = 1_000.0
UNDER_WAY = 2  # requests, and answers, of the tabs


@cache
def key(generation: int) -> bytes:
    return bytes([generation + 1]) * 32


@cache
def token(generation: int):
    first = another(FIRST.id, SeededEntropy("the model"))
    return first if generation == 0 else token(generation - 1).successor(key(generation - 1))


class Party(NamedTuple):
    """What somebody holds: a refresh token, and steps of access tokens not yet used."""

    held: int
    access: frozenset[int] = frozenset()


class State(NamedTuple):
    """The world. Ages are in ticks; `shown` is the newest token or step that each party has used."""

    generation: int = 0
    committed: int = OLD
    confirmed: int | None = None
    tabs: Party = Party(0)
    thief: Party | None = None
    requests: tuple[tuple[int, int], ...] = ()  # token, age
    answers: tuple[tuple[int | None, int, int], ...] = ()  # refresh token, step, age
    shown: tuple[int, int] = (0, -1)
    shown_ago: tuple[int, int] = (OLD, OLD)
    alive: bool = True


def grant_of(state: State) -> Grant:
    return grant_at(state.generation, state.committed, state.confirmed)


@cache
def grant_at(n: int, committed: int, confirmed: int | None) -> Grant:
    chain = Chain(
        family_digest=token(0).family_digest,
        generation=n + 1,
        digest=token(n).digest,
        previous_digest=token(n - 1).digest if n else None,
        next_digest=token(n + 1).digest,
        next_key=key(n),
        committed_at=NOW - committed,
    )
    return Grant(chain=chain, confirmed_at=None if confirmed is None else NOW - confirmed)


def with_grant(state: State, grant: Grant) -> State:
    confirmed = None if grant.confirmed_at is None else int(NOW - grant.confirmed_at)
    return state._replace(
        generation=grant.chain.generation - 1,
        committed=min(OLD, int(NOW - grant.chain.committed_at)),
        confirmed=None if confirmed is None else min(OLD, confirmed),
    )


def show(state: State, who: int, what: int) -> State:
    if what <= state.shown[who]:
        return state
    shown, ago = list(state.shown), list(state.shown_ago)
    shown[who], ago[who] = what, 0
    return state._replace(shown=tuple(shown), shown_ago=tuple(ago))


class Broken(AssertionError):
    """A property does not hold."""


@cache
def decide(n: int, committed: int, confirmed: int | None, presented: int):
    """Ask the real rules; the same question comes up again and again."""
    grant = grant_at(n, committed, confirmed)
    record = make_record(grants=(grant,), last_seen_at=NOW, absolute_at=NOW + 10_000)
    admission, _ = grants.admit(token(presented), record, NOW, ROTATION)
    if not admission.admitted:
        return admission, None
    return admission, grants.answer(
        grant, token(presented), admission.standing, NOW, ROTATION, key(presented)
    )


@pytest.fixture(autouse=True)
def forget():
    """What a broken rule said must not be remembered."""
    decide.cache_clear()


def refresh(state: State, presented: int, who: int) -> tuple[State, tuple[int | None, int] | None]:
    """Exchange a token; return what is handed out: a refresh token, if there is one, and a step."""
    if not state.alive:
        return state, None
    admission, handout = decide(state.generation, state.committed, state.confirmed, presented)
    is_behind = state.shown[1 - who] > presented and state.shown_ago[1 - who] > GRACE
    if who == 0 and state.thief is None and not admission.admitted:
        raise Broken(f"the honest client is answered {admission.reason}")
    if is_behind and admission.verdict is not Verdict.END:
        raise Broken("a copy comes back after its time, and nobody notices")
    if handout is None:
        return state._replace(alive=admission.verdict is not Verdict.END), None
    if handout.token is not None and handout.token != token(presented + 1):
        raise Broken("one token has two successors")
    if admission.standing is Standing.PREVIOUS and handout.token is not None:
        raise Broken("the previous token is renewed")
    after = with_grant(show(state, who, presented), handout.grant)
    return after, (None if handout.token is None else presented + 1, handout.step - 1)


def use(state: State, step: int, who: int) -> State:
    """Use an access token."""
    if not state.alive:
        return state
    confirmed = grant_of(state).confirmed(step + 1, NOW)
    state = show(state, who, step)
    return state if confirmed is None else with_grant(state, confirmed)


def without(things: tuple, index: int) -> tuple:
    return things[:index] + things[index + 1 :]


def steps(state: State):
    """Everything that may happen next."""
    tabs = state.tabs
    if tabs.held < LAST and len(state.requests) < UNDER_WAY:
        yield state._replace(requests=(*state.requests, (tabs.held, 0)))
    for index, (presented, age) in enumerate(state.requests):
        yield state._replace(requests=without(state.requests, index))  # lost
        after, handed = refresh(state, presented, 0)
        if len(after.answers) < UNDER_WAY and handed:
            answered = after._replace(answers=(*after.answers, (*handed, age)))
            yield answered._replace(requests=without(state.requests, index))
            yield answered  # the network repeats it
    for index, (held, step, _) in enumerate(state.answers):
        yield state._replace(answers=without(state.answers, index))  # lost
        party = Party(tabs.held if held is None else held, tabs.access | {step})
        yield state._replace(answers=without(state.answers, index), tabs=party)
    for step in tabs.access:
        yield use(state, step, 0)._replace(tabs=Party(tabs.held, tabs.access - {step}))
    yield from thiefs_steps(state)
    if all(age < OVERLAP for *_, age in (*state.requests, *state.answers)):
        yield tick(state)


def thiefs_steps(state: State):
    thief = state.thief
    if thief is None:
        yield state._replace(thief=Party(state.tabs.held), shown=(state.shown[0], -1))
        return
    if thief.held < LAST:
        after, handed = refresh(state, thief.held, 1)
        if handed:
            held = thief.held if handed[0] is None else handed[0]
            yield after._replace(thief=Party(held, thief.access | {handed[1]}))
        else:
            yield after
    for step in thief.access:
        yield use(state, step, 1)._replace(thief=Party(thief.held, thief.access - {step}))


def tick(state: State) -> State:
    def older(age):
        return None if age is None else min(OLD, age + 1)

    return state._replace(
        committed=older(state.committed),
        confirmed=older(state.confirmed),
        requests=tuple((presented, age + 1) for presented, age in state.requests),
        answers=tuple((held, step, age + 1) for held, step, age in state.answers),
        shown_ago=tuple(map(older, state.shown_ago)),
    )


def explore(limit: int, *, theft: bool = True) -> int:
    """Take every step there is; return how many states there are, `limit` at most."""
    seen, ahead = {State()}, deque([State()])
    while ahead and len(seen) < limit:
        for after in steps(ahead.popleft()):
            tidy = after._replace(requests=tuple(sorted(after.requests)))
            if tidy not in seen and (theft or tidy.thief is None):
                seen.add(tidy)
                ahead.append(tidy)
    return len(seen)


def test_an_honest_client_is_never_accused_whatever_the_network_does():
    assert explore(1_000_000, theft=False) < 1_000_000  # so none was left out


def test_no_step_of_a_world_with_a_thief_breaks_a_property():
    explore(60_000)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_no_step_of_a_large_world_with_a_thief_breaks_a_property():
    explore(3_000_000)


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("may_offer", lambda grant, now, rotation: True),
        ("confirmed", lambda grant, step, now: None),
        ("standing", lambda grant, token, now, rotation: grant.chain.standing(token, now, rotation)),
        (
            "committed",
            lambda grant, token, now, next_key: Grant(chain=grant.chain.commit(token, now - OLD, next_key)),
        ),
    ],
)
def test_the_search_notices_a_broken_rule(rule, wrong, monkeypatch):
    monkeypatch.setattr(Grant, rule, wrong)
    with pytest.raises(Broken):
        explore(60_000)
