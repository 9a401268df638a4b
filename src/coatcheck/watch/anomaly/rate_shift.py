"""Rates that shift: a minute with far more of something, or far less, than the hour before led to expect.

What is normal is learnt: the median of the minutes before, and their median deviation from it. Neither moves
much for a few wild minutes, as a mean would, and nobody has to know the numbers beforehand.
"""

from collections import deque
from collections.abc import Sequence
from math import sqrt
from statistics import median
from typing import ClassVar

from coatcheck.core.events import (
    AccessDenied,
    CrossOriginRefused,
    Event,
    LoginFailed,
    LoginSucceeded,
    LoginThrottled,
    SessionCreated,
    SessionOver,
    SessionRefused,
    TokenMalformed,
    TokenUnknown,
)
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.finding import Finding, evidence

MINUTE = 60.0
ENOUGH = 30  # minutes before anything is said
NORMAL = 1.4826  # turns a median deviation into a standard deviation, where things are normal


class RateShift:
    """A minute has far more of a kind of event, or far fewer, than the hour before: counted in each worker.

    Args:
        minutes: How many minutes before are the measure.
        deviations: So many standard deviations off are too far.
        least: Fewer than so many events in a minute are no rise, whatever was normal.
    """

    name: ClassVar[str] = "rate_shift"
    kinds: ClassVar[tuple[type[Event], ...]] = (
        *(AccessDenied, CrossOriginRefused, LoginFailed, LoginSucceeded, LoginThrottled),
        *(SessionCreated, SessionOver, SessionRefused, TokenMalformed, TokenUnknown),
    )
    response: ClassVar[Response] = "log"
    quiet: ClassVar[float] = 600.0
    shared: ClassVar[bool] = False

    def __init__(self, minutes: int = 60, deviations: float = 8.0, least: int = 20) -> None:
        self._deviations = deviations
        self._least = least
        self._minute = 0
        self._past: dict[str, deque[int]] = {kind.name: deque(maxlen=minutes) for kind in self.kinds}
        self._counts = dict.fromkeys(self._past, 0)
        self._normal: dict[str, tuple[float, float]] = {}
        self._fallen: list[Finding] = []

    def see(self, event: Event) -> Finding | None:
        """Count it; say so where its minute has too many, or the minute before had too few of anything."""
        self._turn(int(event.at // MINUTE))
        self._counts[event.name] += getattr(event, "count", 1)
        count, normal = self._counts[event.name], self._normal.get(event.name)
        if normal is not None and count >= self._least and count > normal[0] + self._deviations * normal[1]:
            return _shift(event.name, "more", count, normal)
        return self._fallen.pop() if self._fallen else None

    def _turn(self, minute: int) -> None:
        """Begin a new minute, if it is one: what was counted becomes past, and silent minutes count zero."""
        passed = minute - self._minute
        if passed <= 0:
            return
        for name, (middle, deviation) in self._normal.items():
            few = self._counts[name] if passed == 1 else 0
            if few < middle - self._deviations * deviation:
                self._fallen.append(_shift(name, "fewer", few, (middle, deviation)))
        for name, past in self._past.items():
            if self._minute:
                past.append(self._counts[name])
                past.extend([0] * min(passed - 1, past.maxlen or 0))
            self._counts[name] = 0
            if len(past) >= ENOUGH:
                self._normal[name] = _normal(past)
        self._minute = minute


def _normal(past: Sequence[int]) -> tuple[float, float]:
    """Return what is normal, and its standard deviation: at least that of things that happen by chance."""
    middle = median(past)
    deviation = NORMAL * median(abs(count - middle) for count in past)
    return middle, max(deviation, sqrt(middle), 1.0)


def _shift(name: str, direction: str, count: int, normal: tuple[float, float]) -> Finding:
    middle, deviation = normal
    return Finding(
        severity="warning",
        key=f"{name} {direction}",
        evidence=evidence(
            event=name,
            direction=direction,
            count=count,
            normal=f"{middle:g}",
            deviation=f"{deviation:.3g}",
        ),
    )
