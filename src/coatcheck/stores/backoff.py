"""Not every request knocks at a door that was shut a moment ago."""

from coatcheck.core.entropy import Entropy
from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.patience import pause_after

FIRST, LONGEST = 0.05, 1.0  # seconds, at most, before the next try


class Backoff:
    """Lets nobody try to connect for a while after a try that failed; longer each time.

    Between two tries everybody is answered with the fault of the last one, at once.
    """

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._fault: StoreUnavailable | None = None
        self._failures = 0
        self._until = 0.0

    def require_open(self, now: float) -> None:
        """Make sure that it may be tried again at `now`, in seconds of the event loop's clock.

        Raises:
            StoreUnavailable: What the last try met.
        """
        if self._fault and now < self._until:
            raise StoreUnavailable(self._fault.args[0], remedy=self._fault.remedy)

    def is_over(self, now: float) -> bool:
        """Tell whether it may be tried again after a try that failed."""
        return self._fault is not None and now >= self._until

    def failed(self, fault: StoreUnavailable, now: float) -> None:
        """Note that a try failed at `now`; of those that were under way together, the first counts."""
        if self._fault and now < self._until:
            return
        self._fault = fault
        self._failures += 1
        self._until = now + pause_after(self._failures, self._entropy, first=FIRST, longest=LONGEST)

    def succeeded(self) -> None:
        """Note that a connection was had."""
        self._fault, self._failures = None, 0
