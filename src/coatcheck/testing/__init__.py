"""Doubles for tests: yours and ours. The store contract is in `coatcheck.testing.contract`."""

from coatcheck.testing.clock import ManualClock
from coatcheck.testing.counting import CountingStore
from coatcheck.testing.entropy import SeededEntropy
from coatcheck.testing.failing import FailingStore
from coatcheck.testing.observer import RecordingObserver

__all__ = ["CountingStore", "FailingStore", "ManualClock", "RecordingObserver", "SeededEntropy"]
