"""Recovery: a change that was committed is told, even if its worker died before it could."""

from typing import Any

from coatcheck.core.events.wire import describe
from coatcheck.core.ledger import Notes
from coatcheck.manager import SessionManager
from coatcheck.watch.audit.settling import told_by
from coatcheck.watch.audit.worker import Worker

PATIENCE_SECONDS = 5.0  # that the worker which left a note has to write its entry
MOST_NOTES = 500
MOST_STRANGE = 10_000  # notes of a newer library, behind which others are still found


class Recovery:
    """What was committed by a worker that died before it could write the entry is written by another.

    Args:
        notes: Where that can be seen.
        manager: Tells the time.
        worker: Writes it.
    """

    def __init__(self, notes: Notes, manager: SessionManager[Any], worker: Worker) -> None:
        self._notes = notes
        self._manager = manager
        self._worker = worker
        self._seen_since: dict[str, float] = {}
        self._strange = 0

    async def do(self) -> None:
        """Write entries for notes that were there some seconds ago, and still are."""
        now = self._manager.now()
        notes = await self._notes.notes(MOST_NOTES + self._strange)
        known = {note.key: event for note in notes if (event := told_by(note, now))}
        self._strange = min(len(notes) - len(known), MOST_STRANGE)
        self._seen_since = {key: self._seen_since.get(key, now) for key in known}
        told = {k: event for k, event in known.items() if now - self._seen_since[k] >= PATIENCE_SECONDS}
        if told:
            bodies = [describe(event) | {"recovered": True} for event in told.values()]
            await self._worker.write(bodies, list(told))
