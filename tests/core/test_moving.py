"""What supersedes what, by a table: two stores agree in the end, in whatever order rows arrive."""

from itertools import permutations

import pytest

from coatcheck.core.moving import SEAL, KeptRow, has_moved, is_sealed, moved_away, supersedes
from coatcheck.core.reason import Reason
from coatcheck.testing.contract import NOW, sample_record

OLD, NEW = sample_record(1), sample_record(1, rev=2)
GONE = OLD.entomb(Reason.LOGGED_OUT, NOW)
MARK = OLD.entomb(Reason.MOVED, NOW)


@pytest.mark.parametrize(
    ("row", "present", "expected"),
    [
        (OLD, None, True),
        (GONE, None, True),
        (NEW, OLD, True),
        (OLD, NEW, False),
        (OLD, OLD, False),
        (GONE, NEW, True),
        (NEW, GONE, False),
        (OLD.entomb(Reason.REVOKED, NOW + 1), GONE, False),
        (OLD, MARK, True),
        (GONE, MARK, True),
    ],
)
def test_the_newer_revision_wins_and_an_end_for_good(row, present, expected):
    assert supersedes(row, present) is expected


def test_the_order_of_arrival_makes_no_difference():
    for rows in permutations([OLD, NEW, sample_record(1, rev=5), GONE]):
        present = None
        for row in rows:
            present = row if supersedes(row, present) else present
        assert present == GONE


@pytest.mark.parametrize(("row", "expected"), [(None, False), (OLD, False), (GONE, False), (MARK, True)])
def test_only_the_mark_says_moved(row, expected):
    assert has_moved(row) is expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [(0, False), (SEAL - 1, False), (SEAL, True), (SEAL + 7, True), (2 * SEAL, False), (3 * SEAL + 1, True)],
)
def test_every_other_seal_says_that_a_user_is_elsewhere(version, expected):
    assert is_sealed(version) is expected


def test_what_moved_is_told_as_an_outage_with_its_remedy():
    assert "Restart the worker with the new store" in str(moved_away())


def test_what_a_small_row_holds_is_shown_nowhere():
    assert repr(KeptRow("keys:access", b"a key", 3, 0.0)) == "<KeptRow keys:access, version 3>"
