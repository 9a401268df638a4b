"""Many new sessions of one user."""

from coatcheck.watch.anomaly import SessionBurst
from tests.watch.anomaly.happenings import began, facts, found


def test_many_new_sessions_within_minutes_are_found():
    first, *_ = found(SessionBurst(), [began(60.0 * n, "ada", f"s{n}") for n in range(8)])
    assert (first.user_id, facts(first)["sessions"], facts(first)["within"]) == ("ada", "6", "300 s")


def test_as_many_over_a_day_are_not():
    assert not found(SessionBurst(), [began(3600.0 * n, "ada", f"s{n}") for n in range(24)])


def test_visitors_and_other_users_do_not_add_up():
    visitors = [began(n, None, f"v{n}") for n in range(100)]
    assert not found(SessionBurst(), [*visitors, *(began(n, f"u{n}", f"s{n}") for n in range(100))])
