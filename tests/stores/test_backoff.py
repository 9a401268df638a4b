"""Nobody knocks at a door that was shut a moment ago, and everybody hears what the last one heard."""

import pytest

from coatcheck.core.errors import StoreUnavailable
from coatcheck.stores.backoff import FIRST, LONGEST, Backoff
from coatcheck.testing import SeededEntropy

FAULT = StoreUnavailable("nobody answers", remedy="Start it")


@pytest.fixture
def backoff():
    return Backoff(SeededEntropy(1))


def test_who_comes_within_the_pause_hears_the_fault_of_the_last_try(backoff):
    backoff.require_open(100.0)
    backoff.failed(FAULT, 100.0)
    with pytest.raises(StoreUnavailable, match="nobody answers") as caught:
        backoff.require_open(100.0 + FIRST / 2 - 0.001)
    assert caught.value.remedy == "Start it"
    backoff.require_open(100.0 + FIRST)


def test_pauses_grow_to_a_limit_and_begin_anew_after_a_success(backoff):
    def pause(now):
        backoff.failed(FAULT, now)
        return backoff._until - now

    pauses = [pause(100.0 * number) for number in range(1, 20)]
    assert pauses[0] <= FIRST < pauses[3] < pauses[-1] <= LONGEST
    backoff.succeeded()
    backoff.require_open(2_000.0)
    assert pause(2_000.0) <= FIRST


def test_of_tries_that_fail_together_the_first_counts(backoff):
    backoff.failed(FAULT, 100.0)
    until = backoff._until
    backoff.failed(StoreUnavailable("another"), 100.0)
    assert backoff._until == until
    with pytest.raises(StoreUnavailable, match="nobody answers"):
        backoff.require_open(100.0)


def test_a_pause_is_over_where_a_try_failed_and_it_may_be_tried_again(backoff):
    assert not backoff.is_over(100.0)
    backoff.failed(FAULT, 100.0)
    assert not backoff.is_over(100.0)
    assert backoff.is_over(100.0 + FIRST)
    backoff.succeeded()
    assert not backoff.is_over(200.0)
