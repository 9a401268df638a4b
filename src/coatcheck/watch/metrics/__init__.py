"""Metrics: how often, how fast and how many, for Prometheus and OpenTelemetry, from one table."""

from coatcheck.watch.metrics.instruments import INSTRUMENTS, Instrument
from coatcheck.watch.metrics.metrics import Meter, Metrics

__all__ = ["INSTRUMENTS", "Instrument", "Meter", "Metrics"]
