"""Password spraying: one password and many names, slowly, so that no throttle of a name or address sees it.

Observers do not learn passwords, so what gives a sprayer away is the rhythm: a program tries a name every so
many seconds, each name once. People's failures come at random.
"""

from bisect import insort
from itertools import pairwise
from statistics import median
from typing import ClassVar

from coatcheck.core.events import Event
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.attempts import ATTEMPTS, has_failed, name_of, network_of
from coatcheck.watch.anomaly.finding import Finding, evidence

DISTINCT = 0.9  # of the failures have names of their own
NEAR = 0.2  # a gap is on the beat within a fifth of the median gap; by chance 14 % of random gaps are


class PasswordSpraying:
    """The latest failures are of nearly as many names, and at a steady beat.

    Half of the gaps must be on it: of 29 random gaps so many are by chance once in 640,000 times. A sprayer
    is heard as long as others fail at most a quarter as often.

    Args:
        failures: So many failures are looked at; nine in ten have names of their own.
        on_beat: So large a part of the gaps between them is on the beat.
        window: Seconds within which they happened.
    """

    name: ClassVar[str] = "password_spraying"
    kinds: ClassVar[tuple[type[Event], ...]] = ATTEMPTS
    response: ClassVar[Response] = "log"
    quiet: ClassVar[float] = 3600.0
    shared: ClassVar[bool] = True

    def __init__(self, failures: int = 30, on_beat: float = 0.5, window: float = 6 * 3600.0) -> None:
        self._failures = failures
        self._on_beat = on_beat
        self._window = window
        self._failed: list[tuple[float, str, str]] = []

    def see(self, event: Event) -> Finding | None:
        """Note the failure; listen for a beat."""
        name = name_of(event)
        if not has_failed(event):
            self._failed = [one for one in self._failed if one[1] != name]  # who then got in had mistyped
            return None
        insort(self._failed, (event.at, name, network_of(event)))  # another worker may tell a little late
        self._failed = self._failed[-self._failures :]
        times = [at for at, _, _ in self._failed]
        names = {name for _, name, _ in self._failed}
        if len(times) < self._failures or times[-1] - times[0] > self._window:
            return None
        if len(names) < DISTINCT * len(times):
            return None
        gaps = [after - before for before, after in pairwise(times)]
        beat = median(gaps)
        steady = sum(abs(gap - beat) <= NEAR * beat for gap in gaps) / len(gaps)
        if beat <= 0.0 or steady < self._on_beat:
            return None
        return Finding(
            severity="alarm",
            key="",
            evidence=evidence(
                names=len(names),
                networks=len({network for _, _, network in self._failed}),
                beat=f"{beat:.3g} s",
                on_beat=f"{steady:.0%}",
            ),
        )
