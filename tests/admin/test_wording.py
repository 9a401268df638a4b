"""How pages say moments, durations and numbers."""

from coatcheck.admin.wording import brief, grouped, known_as, moment, plural, span
from coatcheck.core.identity import Identity

HOUR, DAY = 3_600.0, 86_400.0


def test_durations_are_in_the_units_a_person_would_choose():
    told = [span(seconds) for seconds in (90.0, 180.0, 2 * HOUR, 2.5 * HOUR, 3 * DAY)]
    assert told == ["90 seconds", "3 minutes", "2 hours", "2 h 30 min", "3 days"]
    assert [brief(seconds) for seconds in (0.000_041, 0.0123, 2.0)] == ["41 µs", "12.3 ms", "2.0 s"]


def test_moments_are_told_in_utc_for_people_and_for_programs():
    assert moment(90.0) == '<time datetime="1970-01-01T00:01:30+00:00">1 Jan, 00:01 UTC</time>'


def test_numbers_are_grouped_and_the_unknown_is_a_dash():
    assert [grouped(number) for number in (None, 7, 1_234_567)] == [
        "\N{EN DASH}",
        "7",
        "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567",
    ]
    assert (plural(1, "session"), plural(2, "session"), plural(2, "person", "people")) == (
        "1 session",
        "2 sessions",
        "2 people",
    )


def test_somebody_is_known_by_name_by_address_by_id():
    ada = Identity(user_id="u-ada", email="ada@example.test", name="Ada")
    assert known_as(ada) == "Ada"
    assert known_as(Identity(user_id="u-ada", email="ada@example.test")) == "ada@example.test"
    assert known_as(Identity(user_id="u-ada")) == "u-ada"
    assert known_as(None) == "Visitor"
