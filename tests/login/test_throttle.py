"""The throttle: its table, its laws, and that parallel attempts get no more than a row of them."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core.errors import ConfigurationError
from coatcheck.login.throttle import (
    Allowed,
    Attempt,
    Failures,
    Throttle,
    ThrottlePolicy,
    Wait,
    decide,
    decide_origin,
)
from coatcheck.stores.memory import MemoryStore
from coatcheck.stores.sqlite import SqliteStore

POLICY = ThrottlePolicy()
NOW = 1_700_000_000.0
STOPPED = Wait(900.0, stopped=True)


def allowed(count, at):
    return Allowed(Failures(count, at))


@pytest.mark.parametrize(
    ("count", "seconds_since", "expected"),
    [
        # Free: the first five come as fast as they like.
        (0, 0, allowed(1, NOW)),
        (1, 0, allowed(2, NOW)),
        (4, 0, allowed(5, NOW)),
        # Then a delay, which doubles.
        (5, 0, Wait(1.0)),
        (5, 0.75, Wait(0.25)),
        (5, 1, allowed(6, NOW)),
        (6, 1, Wait(1.0)),
        (6, 2, allowed(7, NOW)),
        (7, 0, Wait(4.0)),
        (14, 0, Wait(512.0)),
        # It grows to a quarter of an hour, no further.
        (15, 0, Wait(900.0)),
        (15, 900, allowed(16, NOW)),
        (99, 0, Wait(900.0)),
        (99, 899, Wait(1.0)),
        # The hundredth failure is the last.
        (99, 900, allowed(100, NOW)),
        (100, 0, STOPPED),
        (100, 1e9, STOPPED),
        (10**9, 1e9, STOPPED),
        # A clock that went back helps nobody and harms nobody: the age counts as none.
        (5, -3600, Wait(1.0)),
        (4, -3600, allowed(5, NOW + 3600)),
    ],
)
def test_the_table(count, seconds_since, expected):
    assert decide(Failures(count, NOW - seconds_since), NOW, POLICY) == expected


@pytest.mark.parametrize(("count", "expected"), [(9, allowed(10, NOW)), (10, STOPPED)])
def test_a_known_device_stops_sooner(count, expected):
    assert decide(Failures(count, NOW - 1e6), NOW, POLICY, stop=POLICY.device_stop) == expected


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([], (NOW,)),
        ([5] * 19, (*[NOW - 5] * 19, NOW)),
        ([5] * 20, Wait(55.0)),
        ([50] + [5] * 19, Wait(10.0)),
        ([60] + [5] * 19, (*[NOW - 5] * 19, NOW)),
        ([60] * 20, (NOW,)),
        ([-30] * 20, Wait(60.0)),  # stamps of a worker whose clock is ahead
    ],
)
def test_the_table_of_addresses(ages, expected):
    assert decide_origin(tuple(NOW - age for age in ages), NOW, POLICY) == expected


policies = st.builds(
    ThrottlePolicy,
    free=st.integers(0, 20),
    first_delay=st.floats(0.01, 60),
    longest_delay=st.floats(60, 3600),
    stop=st.integers(10, 100),
    device_stop=st.integers(1, 10),
)
states = st.builds(Failures, st.integers(0, 200), st.floats(NOW - 1e6, NOW + 1e6))


@given(policies, st.integers(0, 10_000))
def test_more_failures_never_mean_less_delay(policy, failures):
    assert 0 <= policy.delay(failures) <= policy.delay(failures + 1) <= policy.longest_delay


@given(states, st.floats(0, 1e6), st.floats(0, 1e6), policies)
def test_waiting_longer_never_turns_a_yes_into_a_no(state, earlier, later, policy):
    earlier, later = sorted((earlier, later))
    if isinstance(decide(state, NOW + earlier, policy), Allowed):
        assert isinstance(decide(state, NOW + later, policy), Allowed)


@given(states, policies)
def test_who_waits_as_told_is_let_through_and_who_does_not_is_not(state, policy):
    verdict = decide(state, NOW, policy)
    if isinstance(verdict, Wait) and not verdict.stopped:
        start = max(NOW, state.last_at)
        assert isinstance(decide(state, start + verdict.retry_after + 1e-3, policy), Allowed)
        assert isinstance(decide(state, NOW + verdict.retry_after * 0.99, policy), Wait)


@given(policies, st.lists(st.floats(0, 2_000), max_size=150))
def test_no_schedule_gets_more_than_the_stop_or_comes_faster_than_the_delays(policy, pauses):
    state, now, times = Failures(), NOW, []
    for pause in pauses:
        now += pause
        verdict = decide(state, now, policy)
        if isinstance(verdict, Allowed):
            state = verdict.state
            times.append(now)
    assert len(times) == state.count <= policy.stop
    for number, (before, after) in enumerate(pairwise(times), 1):
        assert after - before >= policy.delay(number) - 1e-3


@given(st.lists(st.floats(0, 30), max_size=120))
def test_no_schedule_gets_more_than_20_from_one_address_in_any_minute(pauses):
    times, now, let_in = (), NOW, []
    for pause in pauses:
        now += pause
        verdict = decide_origin(times, now, POLICY)
        if not isinstance(verdict, Wait):
            times = verdict
            let_in.append(now)
    assert all(sum(0 <= later - first < 60 for later in let_in) <= 20 for first in let_in)
    assert len(times) <= 20


@given(st.text(max_size=30), st.text(max_size=30), st.lists(st.floats(0, 1_000), max_size=12))
async def test_unknown_names_count_alike(known, unknown, pauses):
    throttle, answers = Throttle(MemoryStore()), []
    for subject in (f"user {known}", f"name {unknown}"):
        now, got = NOW, []
        for pause in pauses:
            now += pause
            verdict = await throttle.reserve(subject, now)
            got.append(verdict if isinstance(verdict, Wait) else "allowed")
        answers.append(got)
    assert answers[0] == answers[1]


async def test_a_thousand_parallel_attempts_get_no_more_than_the_free_ones():
    throttle = Throttle(MemoryStore())
    verdicts = await asyncio.gather(*(throttle.reserve("user u", NOW) for _ in range(1_000)))
    assert sum(isinstance(verdict, Attempt) for verdict in verdicts) == POLICY.free


async def test_parallel_attempts_are_bounded_on_every_store(store):
    throttle = Throttle(store)
    verdicts = await asyncio.gather(
        *(throttle.reserve(f"user {number}", NOW, ip="192.0.2.1") for number in range(100))
    )
    assert sum(isinstance(verdict, Attempt) for verdict in verdicts) == POLICY.address_limit
    verdicts = await asyncio.gather(*(throttle.reserve("user u", NOW) for _ in range(100)))
    assert sum(isinstance(verdict, Attempt) for verdict in verdicts) == POLICY.free


async def test_counts_survive_a_restart(tmp_path):
    for _ in range(POLICY.free):
        store = SqliteStore(tmp_path / "sessions.db")
        assert isinstance(await Throttle(store).reserve("user u", NOW), Attempt)
        await store.close()
    store = SqliteStore(tmp_path / "sessions.db")
    assert await Throttle(store).reserve("user u", NOW) == Wait(1.0)
    await store.close()


async def test_counts_survive_the_sweeper_as_long_as_they_are_remembered():
    store = MemoryStore()
    throttle = Throttle(store)
    for _ in range(POLICY.free):
        await throttle.reserve("user u", NOW)
    await store.sweep(NOW + POLICY.memory, 100)
    assert await throttle.reserve("user u", NOW) == Wait(1.0)
    await store.sweep(NOW + POLICY.memory + 1, 100)
    assert isinstance(await throttle.reserve("user u", NOW), Attempt)


async def test_success_forgets_the_failures_of_its_lane():
    throttle = Throttle(MemoryStore())
    for _ in range(3):
        verdicts = [await throttle.reserve("user u", NOW) for _ in range(POLICY.free)]
        assert all(isinstance(verdict, Attempt) for verdict in verdicts)
        await throttle.succeeded(verdicts[-1])


async def test_a_known_devices_success_gives_strangers_no_new_tries():
    throttle = Throttle(MemoryStore())
    now, _ = await exhaust(throttle, "user u")
    await throttle.succeeded(await throttle.reserve("user u", now, known="laptop"))
    assert await throttle.reserve("user u", now) == STOPPED


async def test_an_attempt_given_back_does_not_count():
    throttle = Throttle(MemoryStore())
    for _ in range(20):
        attempt = await throttle.reserve("user u", NOW)
        assert isinstance(attempt, Attempt)
        await throttle.give_back(attempt)
    await throttle.give_back(attempt)  # once too often does not make room for more
    verdicts = [await throttle.reserve("user u", NOW) for _ in range(POLICY.free + 1)]
    assert verdicts[-1] == Wait(1.0)
    assert not any(isinstance(verdict, Wait) for verdict in verdicts[:-1])


async def exhaust(throttle, subject, **options):
    now, tries = NOW, 0
    while True:
        now += 1e5
        verdict = await throttle.reserve(subject, now, **options)
        if isinstance(verdict, Wait):
            assert verdict.stopped
            return now, tries
        tries += 1


async def test_strangers_get_100_tries_and_then_nobody_without_a_reset():
    throttle = Throttle(MemoryStore())
    now, tries = await exhaust(throttle, "user u", ip="192.0.2.1")
    assert tries == 100
    assert await throttle.reserve("user u", now + 1e5) == STOPPED
    await throttle.reset("user u")
    assert isinstance(await throttle.reserve("user u", now), Attempt)


async def test_a_known_device_has_a_way_in_while_strangers_are_locked_out():
    throttle = Throttle(MemoryStore())
    now, _ = await exhaust(throttle, "user u")
    assert isinstance(await throttle.reserve("user u", now, known="laptop"), Attempt)


async def test_a_known_device_is_limited_itself_and_then_counts_as_a_stranger():
    throttle = Throttle(MemoryStore())
    _, tries = await exhaust(throttle, "user u", known="laptop")
    assert tries == POLICY.device_stop + POLICY.stop
    # Another device of the same user still has its own.
    assert isinstance(await throttle.reserve("user u", NOW + 1e9, known="phone"), Attempt)


async def test_a_known_device_is_not_held_up_by_others_behind_its_address():
    throttle = Throttle(MemoryStore())
    for number in range(POLICY.address_limit):
        await throttle.reserve(f"name {number}", NOW, ip="192.0.2.1")
    assert isinstance(await throttle.reserve("user u", NOW, ip="192.0.2.1"), Wait)
    assert isinstance(await throttle.reserve("user u", NOW, ip="192.0.2.1", known="laptop"), Attempt)


async def test_a_known_device_has_a_pace_of_its_own_even_if_it_always_succeeds():
    throttle = Throttle(MemoryStore())
    for _ in range(POLICY.address_limit):
        await throttle.succeeded(await throttle.reserve("user u", NOW, known="laptop"))
    assert await throttle.reserve("user u", NOW, known="laptop") == Wait(60.0)
    assert isinstance(await throttle.reserve("user u", NOW + 60, known="laptop"), Attempt)


async def test_a_device_known_to_one_user_is_not_known_to_another():
    throttle = Throttle(MemoryStore())
    await exhaust(throttle, "user u", known="laptop")
    _, tries = await exhaust(throttle, "user v", known="laptop")
    assert tries == POLICY.device_stop + POLICY.stop


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("unix", "unix", True),
        ("", "", False),
    ],
)
async def test_which_addresses_share_a_budget(first, second, shared):
    throttle = Throttle(MemoryStore())
    for _ in range(POLICY.address_limit):
        assert await throttle.reserve_address(first, NOW) is None
    assert isinstance(await throttle.reserve_address(second, NOW), Wait) == shared


async def test_a_refused_attempt_writes_nothing():
    store = MemoryStore()
    throttle = Throttle(store)
    for _ in range(POLICY.free):
        await throttle.reserve("user u", NOW)
    before = dict(store._rows)
    assert isinstance(await throttle.reserve("user u", NOW), Wait)
    assert store._rows == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"stop": 101},
        {"device_stop": 0},
        {"stop": 5, "device_stop": 6},
        {"free": -1},
        {"first_delay": 0},
        {"first_delay": 10, "longest_delay": 5},
        {"address_limit": 0},
        {"address_window": 0},
        {"memory": 1},
    ],
)
def test_a_policy_that_cannot_work_is_refused_when_made(wrong):
    with pytest.raises(ConfigurationError) as caught:
        ThrottlePolicy(**wrong)
    assert caught.value.remedy
