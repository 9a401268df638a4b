"""The notary: writes down what the ledger says of itself, signed and also elsewhere where that is wanted."""

import asyncio
import logging
from pathlib import Path
from typing import Any

from coatcheck.core.events import SinkFailed
from coatcheck.manager import SessionManager
from coatcheck.watch.audit import anchor
from coatcheck.watch.audit.statements import Signer
from coatcheck.watch.audit.worker import Worker

SINK = "audit anchor"

_log = logging.getLogger("coatcheck")


class Notary:
    """Makes statements that can be held against the ledger later.

    Args:
        worker: Writes them.
        manager: Tells observers of an anchor that cannot be written.
        key: Signs them.
        path: The anchor.
    """

    def __init__(
        self, worker: Worker, manager: SessionManager[Any], key: Signer | None, path: Path | None
    ) -> None:
        self._worker = worker
        self._manager = manager
        self._key = key
        self._path = path

    async def state(self, body: dict[str, Any]) -> None:
        """Make a statement.

        Raises:
            StoreUnavailable: The store cannot write; it is written later.
        """
        signed = self._key.sign(body) if self._key else body
        await self._worker.write([signed])
        if self._path is None:
            return
        try:
            await asyncio.to_thread(anchor.append, self._path, signed)
        except OSError as error:
            _log.warning("the audit anchor %s cannot be written: %s", self._path, error)
            self._manager.tell(SinkFailed, None, sink=SINK, lost=1)
