"""Time, of one call and of many."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from statistics import median, quantiles
from time import perf_counter
from typing import Any

MICRO = 1e6
MILLI = 1e3

Act = Callable[[], Awaitable[Any]]


RUN = 20  # calls whose time is taken together


def runs(times: int) -> Iterator[int]:
    """Split so many calls into short runs: whoever takes the processor away hits few of them."""
    whole, rest = divmod(times, RUN)
    yield from [RUN] * whole
    if rest:
        yield rest


async def each(act: Act, times: int) -> float:
    """Do it so many times; return seconds for each, in the median run."""
    return median([await _run(act, calls) for calls in runs(times)])


async def _run(act: Act, calls: int) -> float:
    begin = perf_counter()
    for _ in range(calls):
        await act()
    return (perf_counter() - begin) / calls


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many per cent do not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return how much longer ours took, in the median round: what slows the machine slows both."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))
