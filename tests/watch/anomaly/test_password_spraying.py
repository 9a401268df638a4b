"""One rhythm, many names."""

import pytest

from coatcheck.watch.anomaly import PasswordSpraying
from tests.watch.anomaly.happenings import dice_of, facts, failed, found, signed_in


def sprayed(count, beat, jitter=0.1, seed=1):
    """Names tried at a beat, each from a network of its own."""
    dice, at, events = dice_of(seed), 0.0, []
    for number in range(count):
        at += beat * (1 + dice.uniform(-jitter, jitter))
        events.append(failed(at, f"name {number}", f"10.{number // 250}.{number % 250}.1"))
    return events


def people(seconds, every, seed=2):
    """People who fail at random, `every` so many seconds in the mean."""
    dice, at, events = dice_of(seed), 0.0, []
    while (at := at + dice.expovariate(1 / every)) < seconds:
        events.append(failed(at, f"person {len(events)}", f"172.16.{len(events) % 250}.1"))
    return events


@pytest.mark.parametrize("beat", [0.5, 30, 600])
def test_a_beat_is_heard_whether_fast_or_slow(beat):
    finding = found(PasswordSpraying(), sprayed(60, beat))[0]
    assert finding.severity == "alarm"
    assert facts(finding)["names"] == "30"
    assert facts(finding)["networks"] == "30"


def test_it_is_heard_among_people_who_fail_a_quarter_as_often():
    events = sorted([*sprayed(200, 30), *people(6000, 120)], key=lambda event: event.at)
    assert found(PasswordSpraying(), events)


def test_people_have_no_beat_however_many():
    assert not found(PasswordSpraying(), people(200_000, 10))


def test_a_program_that_fails_again_and_again_with_one_name_is_no_sprayer():
    assert not found(PasswordSpraying(), [failed(60.0 * minute, "backup job") for minute in range(200)])


def test_who_mistypes_and_gets_in_does_not_count():
    events = []
    for number in range(100):
        events += [failed(number, "", user_id=f"u{number}"), signed_in(number + 0.5, f"u{number}")]
    assert not found(PasswordSpraying(), events)


def test_slower_than_the_window_is_not_heard():
    assert not found(PasswordSpraying(), sprayed(60, 3600))


def test_events_that_another_worker_told_late_are_put_where_they_belong():
    events = sprayed(60, 30)
    for index in range(0, 59, 2):
        events[index], events[index + 1] = events[index + 1], events[index]
    assert found(PasswordSpraying(), events)
