"""From samples to figures: what each variant adds to its bare application."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.rounds import Series

MICRO = 1e6


@dataclass(frozen=True)
class Figure:
    """One variant in one scenario; microseconds per request.

    The overhead is the difference to the bare application in the same round: what slows the machine
    down for a while slows both.
    """

    name: str
    scenario: str
    total: float
    overhead: float | None  # None for a bare application
    low: float  # the quartiles of the overhead, or of the total of a bare application
    high: float


def figures(measured: Sequence[Series]) -> list[Figure]:
    samples = {(series.variant.name, series.scenario): series.samples for series in measured}
    return [_figure(series, samples.get((series.variant.bare, series.scenario))) for series in measured]


def _figure(series: Series, bare: list[float] | None) -> Figure:
    spread = series.samples if bare is None else [a - b for a, b in zip(series.samples, bare, strict=True)]
    low, _, high = quantiles(spread, n=4, method="inclusive")
    return Figure(
        name=series.variant.name,
        scenario=series.scenario,
        total=median(series.samples) * MICRO,
        overhead=None if bare is None else median(spread) * MICRO,
        low=low * MICRO,
        high=high * MICRO,
    )
