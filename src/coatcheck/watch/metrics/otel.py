"""OpenTelemetry: the instruments in a meter of its API. What is exported, and whereto, the SDK decides."""

from collections.abc import Callable
from typing import Any

from opentelemetry.metrics import Meter, MeterProvider, get_meter_provider

from coatcheck.watch.metrics.instruments import INSTRUMENTS, OTHER, Instrument


class OpenTelemetry:
    """A meter whose figures OpenTelemetry collects, in each worker for itself.

    Args:
        provider: The SDK's provider; by default the one that the app has set.
    """

    def __init__(self, provider: MeterProvider | None = None) -> None:
        meter = (provider or get_meter_provider()).get_meter("coatcheck")
        self._puts = {instrument.name: _put_of(meter, instrument) for instrument in INSTRUMENTS}
        self._attributes = {
            instrument.name: {
                value: {instrument.label: value} if value else {} for value in instrument.series
            }
            for instrument in INSTRUMENTS
        }

    def put(self, instrument: Instrument, value: float, label: str) -> None:
        """Add to a counter, set a gauge, or count a value in a histogram."""
        attributes = self._attributes[instrument.name]
        self._puts[instrument.name](value, attributes[label if label in attributes else OTHER])

    def close(self) -> None:
        """Leave it to the SDK to export what is left."""


def _put_of(meter: Meter, instrument: Instrument) -> Callable[[float, Any], None]:
    name, unit, help = instrument.name, instrument.unit, instrument.help
    if instrument.kind == "counter":
        return meter.create_counter(name, unit, help).add
    if instrument.kind == "gauge":
        return meter.create_gauge(name, unit, help).set
    limits = list(instrument.limits)
    return meter.create_histogram(name, unit, help, explicit_bucket_boundaries_advisory=limits).record
