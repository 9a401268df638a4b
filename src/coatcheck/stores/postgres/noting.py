"""The verbs that leave notes for the audit ledger, each in the statement of its change.

Each function returns a statement, and the parameters that come behind those of the plain one.
"""

from collections.abc import Sequence
from typing import Any

from coatcheck.core import noting
from coatcheck.core.change import Change
from coatcheck.core.record import Record
from coatcheck.core.store import Ending
from coatcheck.stores.postgres import ledger_statements, statements

Noted = tuple[str, tuple[Any, ...]]


def creating(record: Record) -> Noted:
    """Create a session, and note it."""
    return ledger_statements.CREATE, (noting.created(record).key,)


def saving(id: str, change: Change) -> Noted:
    """Change a session, and note a commit that counts and new facts of its user."""
    moved_on = noting.moved_on(id, change, None)
    updated = noting.updated(change.identity) if change.identity else None
    if moved_on is None and updated is None:
        return statements.SAVE, ()
    commit = (moved_on.key, moved_on.at) if moved_on else (None, None)
    return ledger_statements.SAVE, (*commit, updated.key if updated else None)


def ending(endings: Sequence[Ending]) -> Noted:
    """End sessions, and note each that was alive; of two endings of one session the first counts."""
    seen: set[str] = set()
    keys: list[str | None] = []
    for each in endings:
        note = noting.ended(each, None) if each.id not in seen else None
        seen.add(each.id)
        keys.append(note.key if note else None)
    return ledger_statements.END, (keys,)
