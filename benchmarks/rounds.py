"""Rounds: in each, every variant is measured once, in an order of its own."""

import asyncio
import gc
import random
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any

from benchmarks.asgi import ask, discard, receive, scope_of
from benchmarks.variant import NO_COOKIE, PATHS, Variant

SEED = 17
UNMEASURED = 20  # requests before each sample


@dataclass
class Series:
    """One variant in one scenario: seconds per request, one sample a round."""

    variant: Variant
    scenario: str
    samples: list[float] = field(default_factory=list)


class Subject:
    """A built variant with an event loop of its own, so that its timers cost nobody else."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self.runner = asyncio.Runner()
        self.resources = AsyncExitStack()
        self.app = variant.build(self.resources)
        self.cookie: bytes | None = None
        if variant.bare is not None:
            self.cookie = self.runner.run(ask(self.app, "/login")).cookie

    def close(self) -> None:
        """Let go of everything."""
        self.runner.run(self.resources.aclose())
        self.runner.close()

    def sample(self, scenario: str, requests: int) -> float:
        """Measure a run of requests; return seconds per request."""
        scope = scope_of(PATHS[scenario], None if scenario == NO_COOKIE else self.cookie)
        gc.collect()  # and then left on: whoever makes cycles pays for them in their own sample
        self.runner.run(_repeat(self.app, scope, UNMEASURED))  # the collector leaves cold caches behind
        return self.runner.run(_repeat(self.app, scope, requests)) / requests


async def _repeat(app: Any, scope: dict[str, Any], requests: int) -> float:
    begin = perf_counter_ns()
    for _ in range(requests):
        await app(scope.copy(), receive, discard)
    return (perf_counter_ns() - begin) / 1e9


def measure(variants: Iterable[Variant], rounds: int, requests: int) -> list[Series]:
    """Measure every variant in all its scenarios."""
    order = random.Random(SEED)
    subjects = [Subject(variant) for variant in variants]
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
