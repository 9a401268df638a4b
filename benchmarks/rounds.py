"""Rounds: in each, every variant is measured once, in an order of its own."""

import gc
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from benchmarks.servers import Servers
from benchmarks.timing import runs
from benchmarks.variant import NO_COOKIE, PATHS, Site, Variant

SEED = 17
UNMEASURED = 20  # requests before each sample


@dataclass
class Series:
    """One variant in one scenario: seconds per request, one sample a round."""

    variant: Variant
    scenario: str
    samples: list[float] = field(default_factory=list)


class Subject:
    """A variant that was built, and somebody who is signed in there."""

    def __init__(self, variant: Variant, servers: Servers) -> None:
        self.variant = variant
        self._site = Site(servers)
        self.host = variant.build(self._site)
        self.cookie = self.host.ask("/login").cookie if variant.bare else None

    def close(self) -> None:
        """Let go of everything."""
        self._site.close()

    def sample(self, scenario: str, requests: int) -> float:
        """Measure so many requests; return seconds per request, in the median run of them."""
        path, cookie = PATHS[scenario], None if scenario == NO_COOKIE else self.cookie
        gc.collect()  # and then left on: whoever makes cycles pays for them in their own sample
        self.host.repeat(path, cookie, UNMEASURED)  # the collector leaves cold caches behind
        return median(self.host.repeat(path, cookie, calls) / calls for calls in runs(requests))


def measure(variants: Iterable[Variant], servers: Servers, rounds: int, requests: int) -> list[Series]:
    """Measure every variant in all its scenarios."""
    order = random.Random(SEED)
    subjects = [Subject(variant, servers) for variant in variants]
    plan = [
        (subject, Series(subject.variant, scenario))
        for subject in subjects
        for scenario in subject.variant.scenarios
    ]
    for subject, series in plan:
        subject.sample(series.scenario, requests)  # warm: caches, specialised bytecode, open connections
    gc.freeze()
    for _ in range(rounds):
        for subject, series in order.sample(plan, len(plan)):
            series.samples.append(subject.sample(series.scenario, requests))
    gc.unfreeze()
    for subject in subjects:
        subject.close()
    return [series for _, series in plan]
