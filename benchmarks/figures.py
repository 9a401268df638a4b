"""From samples to figures: what each variant adds, and whether the targets are met."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.apps.catalogue import MEMORY, SQLITE, STARLETTE
from benchmarks.rounds import Series
from benchmarks.variant import NO_COOKIE, READ

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
    quartiles: tuple[float, float]  # of the overhead, or of the total of a bare application


@dataclass(frozen=True)
class Target:
    """At most `limit` times what Starlette's signed cookie adds in the same scenario."""

    name: str
    scenario: str
    limit: float


@dataclass(frozen=True)
class Outcome:
    target: Target
    ratio: float

    @property
    def met(self) -> bool:
        return self.ratio <= self.target.limit


TARGETS = (
    Target(MEMORY, NO_COOKIE, 0.25),
    Target(SQLITE, NO_COOKIE, 0.25),
    Target(MEMORY, READ, 0.5),
    Target(SQLITE, READ, 1.0),
)


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
        quartiles=(low * MICRO, high * MICRO),
    )


def ratio(figure: Figure, found: Sequence[Figure]) -> float | None:
    """Return the overhead as a share of Starlette's in the same scenario."""
    yardstick = next(one for one in found if (one.name, one.scenario) == (STARLETTE, figure.scenario))
    if figure.overhead is None or yardstick.overhead is None:
        return None
    return figure.overhead / yardstick.overhead


def outcomes(found: Sequence[Figure]) -> list[Outcome]:
    by_key = {(figure.name, figure.scenario): figure for figure in found}
    ratios = [ratio(by_key[target.name, target.scenario], found) for target in TARGETS]
    return [
        Outcome(target, value) for target, value in zip(TARGETS, ratios, strict=True) if value is not None
    ]
