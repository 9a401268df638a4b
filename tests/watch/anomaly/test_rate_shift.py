"""Counts that shift."""

from coatcheck.core.events import LoginFailed, SessionCreated
from coatcheck.watch.anomaly import RateShift
from tests.watch.anomaly.happenings import began, dice_of, facts, failed, found, unknown


def minutes(counts, make, first=1):
    """So many events in each minute."""
    dice = dice_of(3)
    times = [
        sorted(60.0 * (first + minute) + dice.uniform(0, 60) for _ in range(count))
        for minute, count in enumerate(counts)
    ]
    return [make(at) for minute in times for at in minute]


def failure(at):
    return failed(at, f"name {at}")


def steady(mean, count, seed=4):
    """Counts that happen by chance."""
    dice = dice_of(seed)
    return [sum(dice.random() < 0.1 for _ in range(10 * mean)) for _ in range(count)]


def test_a_minute_with_far_more_is_found_while_it_lasts():
    findings = found(RateShift(), minutes([*steady(20, 60), 200], failure))
    assert findings[0].key == "login.failed more"
    assert int(facts(findings[0])["count"]) < 80
    assert 17 <= float(facts(findings[0])["normal"]) <= 23


def test_a_minute_with_far_fewer_is_found_when_something_else_shows_that_it_is_over():
    events = [*minutes(steady(200, 60), lambda at: began(at, "ada")), failure(60.0 * 63)]
    (finding,) = found(RateShift(), events)
    assert finding.key == "session.created fewer"
    assert facts(finding)["count"] == "0"


def test_so_is_one_that_a_single_event_falls_into():
    events = minutes([*steady(200, 60), 1, 1], lambda at: began(at, "ada"))
    assert [facts(finding)["count"] for finding in found(RateShift(), events)] == ["1"]


def test_chance_is_not_found():
    assert not found(RateShift(), minutes(steady(30, 1440), failure))


def test_a_morning_that_begins_is_not_found():
    counts = [round(10 + 90 * min(1, minute / 120)) for minute in range(300)]
    assert not found(RateShift(), minutes(counts, failure))


def test_little_is_no_rise_where_there_was_nothing():
    assert not found(RateShift(), minutes([*[1] * 60, 19], failure))


def test_nothing_is_said_before_there_is_a_measure():
    assert not found(RateShift(), minutes([1] * 20 + [1000], failure))


def test_a_sampled_event_counts_for_those_it_stands_for():
    events = [*minutes([2] * 60, unknown), unknown(60.0 * 62, count=500)]
    assert [facts(finding)["count"] for finding in found(RateShift(), events)] == ["500"]


def test_it_looks_at_what_the_dashboard_counts():
    assert {LoginFailed, SessionCreated} <= set(RateShift.kinds)
