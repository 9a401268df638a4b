"""The figures are computed and judged as the page says. Nothing is timed here."""

import json

import pytest

from benchmarks.apps.catalogue import CATALOGUE, MEMORY, ON_REDIS, REDIS, STARLETTE
from benchmarks.figures import figures
from benchmarks.options import Options
from benchmarks.parts import overhead
from benchmarks.rounds import Series
from benchmarks.run import Run
from benchmarks.variant import NO_COOKIE, READ

MICRO = 1e-6


def series(overheads):
    """Samples of every variant: the bare application takes 10 microseconds, in one round 50."""
    made = []
    for variant in CATALOGUE:
        for scenario in variant.scenarios:
            more = overheads.get((variant.name, scenario), 20) if variant.bare else 0
            made.append(
                Series(variant, scenario, [(base + more) * MICRO for base in (10, 10, 50, 10, 10, 10, 10)])
            )
    return made


def test_the_overhead_is_the_difference_within_a_round():
    found = {(one.name, one.scenario): one for one in figures(series({(MEMORY, READ): 7}))}
    assert found[MEMORY, READ].overhead == pytest.approx(7)
    assert (found[MEMORY, READ].low, found[MEMORY, READ].high) == pytest.approx((7, 7)), (
        "a slow round slows both alike"
    )
    assert found[MEMORY, READ].total == pytest.approx(17)
    assert found["bare Starlette", READ].overhead is None


def test_ours_is_judged_by_starlettes_signed_cookie_and_by_the_best_peer_on_redis():
    on_redis = {(name, READ): 400 + number for number, name in enumerate(ON_REDIS)}
    overheads = on_redis | {(STARLETTE, READ): 50, (MEMORY, READ): 20, (REDIS, READ): 21}
    judged = {one.what: one for one in overhead.verdicts(figures(series(overheads)))}
    memory, redis = judged[f"{MEMORY}, {READ}: of Starlette's"], judged[f"{REDIS}, {READ}: of Starlette's"]
    assert memory.measured == pytest.approx(0.4)
    assert not redis.met
    best = judged[f"{REDIS}, {READ}: of {ON_REDIS[0]}'s"]
    assert best.measured == pytest.approx(21 / 400)
    assert not best.met


def test_the_page_and_the_json_say_the_same():
    found = figures(series({(STARLETTE, NO_COOKIE): 40, (MEMORY, NO_COOKIE): 20}))
    run = Run(["overhead", "--rounds", "7"])
    page = overhead.page(found, Options(["overhead"], rounds=7), "it is not there")
    text, data = page.markdown(run), json.loads(json.dumps(page.as_json(run)))
    assert 'make bench ARGS="overhead --rounds 7"' in text
    assert "better-auth was left out: it is not there." in text
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    what = f"{MEMORY}, {NO_COOKIE}: of Starlette's"
    assert [what, "at most 0.25", "0.5", "NO"] in lines
    verdict = next(one for one in data["targets"] if one["what"] == what)
    assert verdict["measured"] == pytest.approx(0.5)
    assert verdict["met"] is False
