"""How long to leave servers alone that cannot be reached."""

import asyncio

from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import StoreUnavailable

FIRST_PAUSE = 0.05  # seconds, at most, after the first failure
LONGEST_PAUSE = 1.0  # seconds, at most: so soon after they are back they are noticed


class Backoff:
    """Bars the way to servers that cannot be reached, longer each time, and for each worker another while.

    Who comes meanwhile hears at once what the last one heard: a request need not wait for a time-out to
    learn what is known, and a server that starts is not met by all workers at the same moment.

    Args:
        entropy: Draws the jitter.
    """

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._failures = 0
        self._until = 0.0
        self._fault = StoreUnavailable("Redis cannot be reached")

    def require_open(self) -> None:
        """Let nobody pass during a pause.

        Raises:
            StoreUnavailable: What the last one heard who tried.
        """
        if self._failures and self._now() < self._until:
            raise StoreUnavailable(self._fault.args[0], remedy=self._fault.remedy)

    def failed(self, fault: StoreUnavailable) -> None:
        """Begin a pause, unless this was under way when it began."""
        if (now := self._now()) < self._until:
            return
        self._failures += 1
        self._fault = fault
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures - 1, 10))
        self._until = now + longest * (1 + self._entropy.token_bytes(1)[0] / 255) / 2

    def succeeded(self) -> None:
        """Begin anew: they were reached."""
        self._failures = 0

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
