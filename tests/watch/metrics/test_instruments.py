"""The table of instruments: names that both worlds accept, and labels whose values are known beforehand."""

import inspect
import re

from coatcheck.core.ledger import Ledger
from coatcheck.core.overview import Overview
from coatcheck.core.reason import Reason
from coatcheck.core.store import Rows, Store
from coatcheck.login import actions, credentials
from coatcheck.watch.anomaly import rules
from coatcheck.watch.metrics.instruments import (
    HAPPENED,
    INSTRUMENTS,
    OTHER,
    REASONS,
    RULES,
    SIGN_IN,
    SINKS,
    VERBS,
)
from tests.core.test_events import EVERY
from tests.house import PACKAGE


def verbs(*skills):
    found = (inspect.getmembers(skill, inspect.isfunction) for skill in skills)
    return {name for members in found for name, _ in members if not name.startswith("_")}


def test_every_name_is_unique_and_fit_for_opentelemetry_and_prometheus():
    assert len({made.name for made in INSTRUMENTS}) == len(INSTRUMENTS) >= 20
    for made in INSTRUMENTS:
        assert re.fullmatch(r"coatcheck(\.[a-z_]+)+", made.name)
        assert re.fullmatch(r"coatcheck_[a-z_]+", made.prometheus_name)
        assert made.help[0].isupper()
        assert made.help[-1] != "."
        assert bool(made.limits) is (made.kind == "histogram")
        assert list(made.limits) == sorted(made.limits)
        assert bool(made.label) is bool(made.values)


def test_every_label_has_few_values_and_one_for_whatever_else_comes():
    for made in INSTRUMENTS:
        assert len(made.series) <= 64
        assert made.series == ((*made.values, OTHER) if made.label else ("",))
        assert all(re.fullmatch(r"[a-z_. ]*", value) for value in made.series)


def test_all_events_and_reasons_are_known():
    assert set(HAPPENED.values) == {kind.name for kind in EVERY}
    assert tuple(Reason) == REASONS


def test_all_verbs_of_every_store_are_timed_and_of_its_skills_only_what_exists():
    assert verbs(Store, Rows) - {"close"} <= set(VERBS)
    assert set(VERBS) <= verbs(Store, Rows, Overview, Ledger)


def test_all_rules_and_sinks_are_known():
    kinds = [kind for kind in vars(rules).values() if isinstance(kind, type) and "name" in vars(kind)]
    assert {kind.name for kind in kinds} == set(RULES)
    told = "".join(path.read_text("utf-8") for path in (PACKAGE / "watch").rglob("*.py"))
    assert set(re.findall(r'(?:sink=|SINK = )"([^"]+)"', told)) == set(SINKS)


def test_every_cause_of_a_failed_sign_in_is_known():
    source = inspect.getsource(credentials._cause) + inspect.getsource(actions.Login)
    causes = set(SIGN_IN.values) - {"succeeded", "throttled"}
    assert all(f'"{cause}"' in source for cause in causes)
    assert set(re.findall(r'"([a-z_]+)"', inspect.getsource(credentials._cause))) <= causes
