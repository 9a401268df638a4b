"""A meter that remembers, and a worker that is measured."""

from collections import defaultdict

import pytest

from coatcheck.manager import SessionManager
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import FailingStore, ManualClock, SeededEntropy
from coatcheck.watch.metrics import Metrics


class Figures:
    """Every value that was put, by the name of its instrument without `coatcheck.`, and its label."""

    def __init__(self):
        self.put_in = defaultdict(list)
        self.closed = False

    def put(self, instrument, value, label):
        self.put_in[instrument.name.removeprefix("coatcheck."), label].append(value)

    def close(self):
        self.closed = True

    def values(self, name, label=""):
        return self.put_in[name, str(label)]

    def sum(self, name, label=""):
        return sum(self.values(name, label))

    def last(self, name):
        return self.values(name)[-1] if self.values(name) else None


class Measured:
    """A worker with metrics."""

    def __init__(self, store=None, *, clock=None, **how):
        self.figures, self.clock = Figures(), clock or ManualClock()
        self.store = FailingStore(MemoryStore()) if store is None else store
        self.metrics = Metrics(self.figures, **{"clock": self.clock, "period": 0.002, **how})
        self.manager = SessionManager(
            self.store, observers=[self.metrics], clock=self.clock, entropy=SeededEntropy(1)
        )


@pytest.fixture
def worker():
    return Measured()
