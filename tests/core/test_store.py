"""The cap, by a table."""

import pytest

from coatcheck.core.errors import ConfigurationError, TooManySessions
from coatcheck.core.store import Cap, Row


@pytest.mark.parametrize(
    ("limit", "live", "surplus"), [(3, "ab", ""), (3, "abc", "a"), (1, "abc", "abc"), (2, "abcd", "abc")]
)
def test_the_oldest_make_room(limit, live, surplus):
    assert Cap(limit).surplus(live) == tuple(surplus)


def test_one_more_may_be_denied():
    assert Cap(2, "deny").surplus(["a"]) == ()
    with pytest.raises(TooManySessions):
        Cap(2, "deny").surplus(["a", "b"])


@pytest.mark.parametrize("wrong", [(0, "evict"), (-5, "deny"), (3, "dney")])
def test_a_cap_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ConfigurationError, match=r"Give a limit|Use 'evict'"):
        Cap(*wrong)


def test_what_a_row_holds_is_shown_nowhere():
    assert repr(Row(b"a key", 3)) == "<Row of 5 bytes, version 3>"
