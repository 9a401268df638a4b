"""Deadline arithmetic, and every policy that cannot work."""

import pytest
from hypothesis import given

from coatcheck.core import lifetimes as deadlines
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.lifetimes import DAY, HOUR, MINUTE, Lifetimes, Rotation, Span
from tests.core.support import moments


def test_the_defaults_are_the_documented_ones():
    assert Lifetimes().describe() == {
        "idle": 30 * MINUTE,
        "absolute": 12 * HOUR,
        "remembered.idle": 14 * DAY,
        "remembered.absolute": 30 * DAY,
        "rotation.period": 15 * MINUTE,
        "rotation.overlap": 10.0,
        "rotation.tolerance": 5.0,
        "touch_interval": 60.0,
        "warning": 120.0,
    }
    assert (MINUTE, HOUR, DAY) == (60.0, 3600.0, 86_400.0)
    assert deadlines.MAX_COOKIE_AGE == 400 * 86_400


def test_a_span_by_remember_me():
    lifetimes = Lifetimes(idle=600, absolute=3600, touch_interval=30)
    assert lifetimes.span(remember=False) == Span(idle=600, absolute=3600)
    assert lifetimes.span(remember=True) == lifetimes.remembered == Span(idle=14 * DAY, absolute=30 * DAY)


@pytest.mark.parametrize(
    ("last_seen_at", "idle", "absolute_at", "expected"),
    [(100, 50, 1000, 150), (100, 50, 150, 150), (100, 50, 149, 149), (-100, 50, 1000, -50)],
)
def test_the_earlier_deadline_counts(last_seen_at, idle, absolute_at, expected):
    assert deadlines.expires_at(last_seen_at, idle, absolute_at) == expected


@given(since=moments, now=moments)
def test_an_age_is_never_negative(since, now):
    assert deadlines.age(since, now) == max(0.0, now - since)
    assert deadlines.age(now, now) == 0


def test_grace_is_overlap_plus_tolerance():
    assert Rotation(period=100, overlap=10, tolerance=5).grace == 15


WRONG_NUMBERS = [0, -1, -0.5, float("nan"), float("inf"), None, True, "30", [60]]


@pytest.mark.parametrize("wrong", WRONG_NUMBERS)
@pytest.mark.parametrize("name", ["idle", "absolute", "touch_interval", "warning"])
def test_lifetimes_need_positive_seconds(name, wrong):
    refuse(lambda: Lifetimes(**{name: wrong}), f"{name}=", "seconds")


@pytest.mark.parametrize("wrong", WRONG_NUMBERS)
@pytest.mark.parametrize("name", ["idle", "absolute"])
def test_a_span_needs_positive_seconds(name, wrong):
    refuse(lambda: Span(**({"idle": 60, "absolute": 60} | {name: wrong})), f"{name}=", "seconds")


@pytest.mark.parametrize("wrong", WRONG_NUMBERS)
def test_a_rotation_needs_positive_seconds(wrong):
    refuse(lambda: Rotation(period=wrong), "rotate=", "seconds")


@pytest.mark.parametrize("wrong", [-1, -0.001, float("nan"), float("inf"), None, False, "5"])
@pytest.mark.parametrize("name", ["overlap", "tolerance"])
def test_overlap_and_tolerance_may_be_zero_but_not_wrong(name, wrong):
    refuse(lambda: Rotation(**{name: wrong}), f"{name}=", "seconds")
    assert getattr(Rotation(**{name: 0}), name) == 0


@pytest.mark.parametrize(
    ("make", "says", "remedy"),
    [
        (lambda: Span(idle=61, absolute=60), "idle=61 is longer than absolute=60", "caps"),
        (lambda: Lifetimes(idle=7200, absolute=3600), "idle=7200 is longer", "caps"),
        (lambda: Rotation(period=30), "rotate=30 is not longer than twice", "Rotate less often"),
        (lambda: Rotation(period=20, overlap=5, tolerance=5), "(20)", "shorten the overlap"),
        (lambda: Lifetimes(idle=599), "a tenth of idle=599", "Touch more often"),
        (lambda: Lifetimes(touch_interval=181), "touch_interval=181", "lengthen the idle"),
        (
            lambda: Lifetimes(remembered=Span(idle=300, absolute=600)),
            "a tenth of idle=300",
            "Touch more often",
        ),
        (lambda: Lifetimes(warning=19.9), "warning=19.9", "WCAG 2.2.1 asks for at least 20 seconds"),
        (lambda: Lifetimes(idle=200, warning=181, touch_interval=20), "idle=200 leaves less", "Lengthen"),
        (lambda: Lifetimes(idle=HOUR + 1), "looser", "idle <= 1 hour"),
        (lambda: Lifetimes(absolute=DAY + 1), "looser", "absolute <= 24 hours"),
        (lambda: Lifetimes(remembered=Span(idle=DAY, absolute=30 * DAY + 1)), "looser", "<= 30 days"),
        (lambda: Lifetimes(idle=HOUR + 1, justification="  "), "looser", "Say why"),
    ],
)
def test_what_cannot_work_says_so_and_how_to_mend_it(make, says, remedy):
    refuse(make, says, remedy)


SENTENCES = {
    lambda: Span(idle=61, absolute=60): "idle=61 is longer than absolute=60. "
    "The absolute timeout caps the idle one: raise absolute or lower idle",
    lambda: Rotation(period=30): "rotate=30 is not longer than twice overlap + tolerance (30). "
    "Rotate less often, or shorten the overlap or the clock tolerance",
    lambda: Lifetimes(idle=599): "touch_interval=60 is more than a tenth of idle=599. "
    "Touch more often, or lengthen the idle timeout",
    lambda: Lifetimes(idle=200, warning=181, touch_interval=20): "idle=200 leaves less than 20 s before "
    "a warning of 181. Lengthen the idle timeout or shorten the warning",
    lambda: Lifetimes(absolute=DAY + 1): "these lifetimes are looser than NIST SP 800-63B-4 recommends. "
    "Say why with justification=..., or use idle <= 1 hour, absolute <= 24 hours, "
    "remembered.absolute <= 30 days",
    lambda: Span(idle=0, absolute=60): "idle=0 is not a number of seconds. "
    "Give idle in seconds, e.g. timedelta(minutes=30).total_seconds()",
}


@pytest.mark.parametrize(("make", "sentence"), SENTENCES.items())
def test_the_whole_sentence(make, sentence):
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert str(caught.value) == sentence


def refuse(make, says, remedy):
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert says in caught.value.args[0]
    assert remedy in caught.value.remedy
    assert str(caught.value) == f"{caught.value.args[0]}. {caught.value.remedy}"
    assert caught.value.code == "invalid_configuration"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Span(idle=60, absolute=60),
        lambda: Rotation(period=30.001),
        lambda: Lifetimes(idle=600),
        lambda: Lifetimes(idle=200, warning=180, touch_interval=20),
        lambda: Lifetimes(warning=20),
        lambda: Lifetimes(idle=HOUR, absolute=DAY),
        lambda: Lifetimes(idle=HOUR + 1, justification="kiosk behind a locked door"),
        lambda: Lifetimes(idle=2, absolute=10, touch_interval=0.2, warning=1, demo=True),
    ],
)
def test_the_bounds_themselves_are_allowed(make):
    assert make()


def test_a_demo_still_keeps_the_rest():
    refuse(lambda: Lifetimes(idle=2, touch_interval=1, warning=1, demo=True), "a tenth of idle=2", "Touch")
