"""The notary: writes down what the ledger says of itself, signed and also elsewhere where that is wanted."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coatcheck.core.events import SinkFailed
from coatcheck.manager import SessionManager
from coatcheck.watch.audit import anchor
from coatcheck.watch.audit.chain import Body, Chain
from coatcheck.watch.audit.statements import Signer
from coatcheck.watch.audit.worker import Worker

SINK = "audit anchor"

_log = logging.getLogger("coatcheck")


class Notary:
    """Makes statements that can be held against the ledger later.

    Args:
        worker: Writes them.
        manager: Tells observers of an anchor that cannot be written.
        key: Signs them, and tells which of those in the store are believed.
        path: The anchor.
    """

    def __init__(
        self, worker: Worker, manager: SessionManager[Any], key: Signer | None, path: Path | None
    ) -> None:
        self._worker = worker
        self._manager = manager
        self.key = key
        self._path = path

    def believes(self, body: Body) -> bool:
        """Tell whether a statement is signed, where that is asked for."""
        return self.key is None or self.key.have_signed(body)

    async def state(self, say: Callable[[Chain], dict[str, Any]]) -> Body | None:
        """Make a statement; return it, or None if it is not in the anchor.

        Args:
            say: Makes it, given the chain into which it comes next.

        Raises:
            StoreUnavailable: The store cannot write; it is written later.
        """
        key = self.key
        body = await self._worker.state(lambda chain: key.sign(say(chain)) if key else say(chain))
        if self._path is None:
            return body
        try:
            await asyncio.to_thread(anchor.append, self._path, body)
        except OSError as error:
            _log.warning("the audit anchor %s cannot be written: %s", self._path, error)
            self._manager.tell(SinkFailed, None, sink=SINK, lost=1)
            return None
        return body
