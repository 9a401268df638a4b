"""Prometheus: the instruments in a registry of prometheus-client, and what a scrape gets. Needs the extra."""

import os
from collections.abc import Callable
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from coatcheck.core.errors import ConfigurationError
from coatcheck.watch.metrics.instruments import INSTRUMENTS, OTHER, Instrument

REMEDY = "Start the server with PROMETHEUS_MULTIPROC_DIR=an empty folder"
Mode = Literal["livesum", "livemostrecent"]

_Puts = dict[str, Callable[[float], None]]


class Prometheus:
    """A meter whose figures are scraped.

    Args:
        registry: Where they are registered; by default a new one, for two apps in a process would collide.
        multiprocess: Several workers share a port, so a scrape must show them all. They share a folder then,
            which prometheus-client finds by the variable PROMETHEUS_MULTIPROC_DIR.

    Raises:
        ConfigurationError: The workers have no folder to share, or prometheus-client does not know of it.
    """

    def __init__(self, registry: CollectorRegistry | None = None, *, multiprocess: bool = False) -> None:
        self._registry = registry or CollectorRegistry()
        self._multiprocess = multiprocess
        self._puts: dict[str, _Puts] = {
            # A counter shows 0 before it counts; a gauge that nobody set would lie.
            instrument.name: self._make(instrument) if instrument.kind != "gauge" else {}
            for instrument in INSTRUMENTS
        }
        if multiprocess and not self.exposition():
            raise ConfigurationError(
                "prometheus-client was imported before it could know of a folder to share",
                remedy=REMEDY,
            )

    def put(self, instrument: Instrument, value: float, label: str) -> None:
        """Add to a counter, set a gauge, or count a value in a histogram."""
        puts = self._puts[instrument.name]
        if not puts:
            puts = self._puts[instrument.name] = self._make(instrument)
        (puts.get(label) or puts[OTHER])(value)

    def exposition(self) -> bytes:
        """Return what a scrape gets, in the text format 0.0.4."""
        return generate_latest(self._shared() if self._multiprocess else self._registry)

    def close(self) -> None:
        """Take this worker's gauges out of what the others show."""
        if self._multiprocess:
            mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]  # most of the package is typed

    def _shared(self) -> CollectorRegistry:
        registry = CollectorRegistry()
        try:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # likewise
        except ValueError as error:
            raise ConfigurationError(
                "workers that share a port have no folder to share their metrics in", remedy=REMEDY
            ) from error
        return registry

    def _make(self, instrument: Instrument) -> _Puts:
        name, labels = instrument.prometheus_name, [instrument.label] if instrument.label else []
        made: Counter | Gauge | Histogram
        if instrument.kind == "counter":
            made = Counter(name, instrument.help, labels, registry=self._registry)
        elif instrument.kind == "gauge":
            mode: Mode = "livesum" if instrument.adds_up else "livemostrecent"
            made = Gauge(name, instrument.help, labels, registry=self._registry, multiprocess_mode=mode)
        else:
            made = Histogram(
                name, instrument.help, labels, registry=self._registry, buckets=instrument.limits
            )
        return {value: _put_of(made.labels(value) if labels else made) for value in instrument.series}


def _put_of(child: Counter | Gauge | Histogram) -> Callable[[float], None]:
    if isinstance(child, Counter):
        return child.inc
    return child.set if isinstance(child, Gauge) else child.observe
