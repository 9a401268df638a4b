"""The figures are computed and judged as the page says. Nothing is timed here."""

import json

import pytest

from benchmarks.apps.catalogue import CATALOGUE, MEMORY, SQLITE, STARLETTE
from benchmarks.figures import figures, outcomes
from benchmarks.report import Run, as_json, markdown
from benchmarks.rounds import Series, measure
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
    assert found[MEMORY, READ].quartiles == pytest.approx((7, 7)), "a slow round slows both alike"
    assert found[MEMORY, READ].total == pytest.approx(17)
    assert found["bare Starlette", READ].overhead is None


def test_a_target_is_met_up_to_its_limit_and_no_further():
    overheads = {(MEMORY, READ): 10, (SQLITE, READ): 20.1, (MEMORY, NO_COOKIE): 4.9, (SQLITE, NO_COOKIE): 5.2}
    judged = {(one.target.name, one.target.scenario): one for one in outcomes(figures(series(overheads)))}
    assert judged[MEMORY, READ].ratio == pytest.approx(0.5)
    assert judged[MEMORY, NO_COOKIE].met
    assert not judged[SQLITE, NO_COOKIE].met
    assert not judged[SQLITE, READ].met


def test_the_page_and_the_json_say_the_same():
    found = figures(series({(STARLETTE, READ): 40, (MEMORY, READ): 30}))
    run = Run(rounds=7, requests=1, arguments=["--rounds", "7"])
    page, data = markdown(run, found), json.loads(json.dumps(as_json(run, found)))
    assert 'make bench ARGS="--rounds 7"' in page
    assert ["Coatcheck, memory", "authenticated read", "0.50", "0.75", "NO"] in [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines()
    ]
    verdicts = {(one["name"], one["scenario"]): one for one in data["targets"]}
    assert verdicts[MEMORY, READ]["ratio"] == pytest.approx(0.75)
    assert verdicts[MEMORY, READ]["met"] is False


def test_a_real_run_has_a_sample_of_everything_for_every_round():
    measured = measure(CATALOGUE, rounds=2, requests=2)
    assert len(measured) == sum(len(variant.scenarios) for variant in CATALOGUE)
    assert all(len(one.samples) == 2 and min(one.samples) > 0 for one in measured)
