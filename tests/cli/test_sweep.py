"""Sweeping from the command line: everything that is due, in bounded batches."""

import io
import sys

import pytest

from coatcheck import SessionManager
from coatcheck.cli.output import progress_bar
from coatcheck.core.lifetimes import DAY
from coatcheck.core.record import Tombstone
from tests.cli.conftest import load


def test_only_what_is_past_its_retention_goes(coatcheck, sign_in):
    old, recent, alive = sign_in(ago=9 * DAY), sign_in(ago=2 * DAY), sign_in()
    assert coatcheck("sweep", "--json").document == {"deleted": 1, "retention": 7 * DAY}
    assert load(old.id) is None
    assert load(recent.id).id == recent.id
    assert coatcheck("sweep", "--retention", str(DAY)).out == "1 deleted\n"
    assert load(alive.id).id == alive.id


def test_it_goes_on_until_nothing_is_left(coatcheck, sign_in, monkeypatch):
    one_batch = SessionManager.sweep
    monkeypatch.setattr(SessionManager, "sweep", lambda self, **_: one_batch(self, limit=2))
    for number in range(5):
        sign_in(f"u-{number}", ago=9 * DAY)
    assert coatcheck("sweep", "--json").document["deleted"] == 5
    assert coatcheck("sweep", "--json").document["deleted"] == 0


def test_an_ended_session_keeps_its_tombstone_for_the_retention(coatcheck, sign_in):
    record = sign_in()
    coatcheck("sessions", "revoke", record.id)
    coatcheck("sweep")
    assert isinstance(load(record.id), Tombstone)


class Terminal(io.StringIO):
    """A stderr that somebody watches."""

    def isatty(self):
        return True


@pytest.mark.parametrize(("silent", "shown"), [(False, True), (True, False)])
def test_progress_is_for_people(monkeypatch, silent, shown):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar(silent=silent, counted="deleted") as bar:
        bar.advance(bar.add_task("Sweeping", total=None), 7)
    assert ("Sweeping" in terminal.getvalue()) is shown
    assert ("7 deleted" in terminal.getvalue()) is shown


def test_a_pipe_sees_no_progress(coatcheck, sign_in):
    sign_in(ago=9 * DAY)
    assert coatcheck("sweep").err == ""


def test_a_negative_retention_would_delete_the_living(coatcheck, sign_in):
    sign_in()
    answer = coatcheck("sweep", "--retention", "-1")
    assert answer.status == 2
    assert "--retention" in answer.complaint
