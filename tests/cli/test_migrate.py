"""Moving from the command line."""

import asyncio
import io
import sys

import pytest

from coatcheck.cli.output import progress_bar
from coatcheck.core.record import Record
from coatcheck.stores import open_store
from tests.cli.conftest import DATABASE, load

NEW = "sqlite:///new.db"
MOVE = ("migrate", "--from", DATABASE, "--to", NEW)


def load_new(id: str):
    async def work():
        store = open_store(NEW)
        found = await store.load(id)
        await store.close()
        return found

    return asyncio.run(work())


def test_all_sessions_move_and_the_counts_are_told(coatcheck, sign_in):
    records = [sign_in(f"u-{number}", cart=number) for number in range(3)]
    assert coatcheck(*MOVE, "--json").document == {
        "reached": 1.0,
        "moved": 3,
        "ended": 0,
        "arrived": 3,
        "rows": 0,
        "left": 0,
        "lost": 0,
        "whole": True,
    }
    for record in records:
        assert load_new(record.id).data == record.data
        assert load(record.id).reason == "moved"
    assert coatcheck(*MOVE).out.startswith("0 sessions moved, 3 verified in the target, ")


def test_the_other_commands_leave_what_moved_to_the_new_store(coatcheck, sign_in):
    record = sign_in()
    coatcheck(*MOVE)
    refused = coatcheck("sessions", "revoke", record.id)
    assert refused.status == 1
    assert "lives in another store now. Name that one with --database" in refused.complaint
    assert coatcheck("sessions", "list", "--json").document["sessions"] == []
    revoked = coatcheck("sessions", "revoke", record.id, "--database", NEW)
    assert revoked.status == 0
    assert not isinstance(load_new(record.id), Record)


def test_what_is_not_whole_is_a_status_for_scripts(coatcheck, sign_in, monkeypatch):
    sign_in()
    monkeypatch.setattr("coatcheck.stores.moving.walk.Walk._move", lambda self, page: asyncio.sleep(0))
    answer = coatcheck(*MOVE)
    assert answer.status == 1
    assert "1 sessions are still in the source" in answer.err


@pytest.mark.parametrize(
    ("source", "target", "complaint"),
    [
        ("sqlite:///typo.db", NEW, "there is no database typo.db. Name the right one with --from"),
        ("memory://", NEW, "can be reached by its own server only"),
        (DATABASE, "memory://", "can be reached by its own server only"),
        (DATABASE, DATABASE, "cannot move to where they are"),
        (DATABASE, "mysql://root:secret@db/app", "there is no store for mysql://"),
    ],
)
def test_a_mistake_is_told_before_anything_moves(coatcheck, sign_in, source, target, complaint):
    record = sign_in()
    answer = coatcheck("migrate", "--from", source, "--to", target)
    assert answer.status == 2
    assert complaint in answer.complaint
    assert "secret" not in answer.complaint
    assert isinstance(load(record.id), Record)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("silent", "shown"), [(False, True), (True, False)])
def test_progress_is_for_people(monkeypatch, silent, shown):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar(silent=silent) as bar:
        bar.update(bar.add_task("Moving", total=1.0), completed=0.5)
    assert ("Moving" in terminal.getvalue()) is shown
