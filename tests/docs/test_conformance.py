"""The checklist names tests that exist, and claims nothing without one."""

import tomllib

import pytest

from docs.parts import conformance
from docs.parts.conformance import HELD, UNPROVEN, Row

ROWS = [row for section in conformance.sections() for row in section.rows]
STATUSES = {HELD, "partly", "not ours"}

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)


def test_no_requirement_is_there_twice():
    ids = [row.id for row in ROWS]
    assert sorted(set(ids)) == sorted(ids)


@each_row
def test_every_test_that_is_named_exists(row):
    assert not set(row.tests) - conformance.test_ids()


@each_row
def test_what_is_not_held_says_why(row):
    assert row.status in STATUSES
    assert (row.status == HELD) == (not row.reason)


def test_what_has_no_proof_yet_is_listed_as_waiting():
    waiting = set(tomllib.loads(conformance.TABLE.read_text("utf-8"))["waiting"])
    assert {row.id for row in ROWS if row.shown_status == UNPROVEN} <= waiting


def test_the_names_of_tests_are_read_from_the_files():
    ids = conformance.test_ids()
    assert "tests/docs/test_conformance.py::test_the_names_of_tests_are_read_from_the_files" in ids
    assert "tests/contract/test_sqlite.py::TestSqliteStore::test_no_save_revives" in ids
    assert "tests/docs/test_conformance.py::test_there_is_no_such_test" not in ids


def test_a_row_without_any_test_is_unproven():
    row = Row(id="X", text="x", level="L1")
    assert row.shown_status == UNPROVEN
    assert Row(id="X", text="x", level="L1", tests=("a::b",)).shown_status == HELD


def test_a_proof_reads_as_a_sentence():
    tests = ("tests/x/test_y.py::TestZ::test_it_holds", "tests/x/test_y.py::test_a07_keep_alive_for_ever")
    shown = conformance._evidence(Row(id="X", text="x", level="L1", tests=tests))
    assert shown == "`x/test_y.py`: it holds; A7 keep alive for ever"
