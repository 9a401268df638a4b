"""A store that counts its calls: the instrument behind every promise about round trips."""

from collections import Counter

from coatcheck.core.store import Store
from coatcheck.testing.wrapped import WrappedStore

READING = frozenset({"load", "user", "row", "scan"})


class CountingStore(WrappedStore):
    """Counts the calls of each verb; closing is free.

    Attributes:
        counts: Verb to number of calls.
    """

    def __init__(self, inner: Store) -> None:
        super().__init__(inner)
        self.counts: Counter[str] = Counter()

    @property
    def reads(self) -> int:
        """How many calls only read."""
        return sum(count for verb, count in self.counts.items() if verb in READING)

    @property
    def writes(self) -> int:
        """How many calls could write."""
        return self.counts.total() - self.reads

    def reset(self) -> None:
        """Start counting at zero."""
        self.counts.clear()

    def before(self, verb: str) -> None:
        """Count the call."""
        if verb != "close":
            self.counts[verb] += 1
