"""The table of instruments: names that both worlds accept, and labels whose values are known beforehand."""

import inspect
import re

from coatcheck.core.ledger import Ledger
from coatcheck.core.overview import Overview
from coatcheck.core.reason import Reason
from coatcheck.core.store import Rows, Store
from coatcheck.login import actions, credentials
from coatcheck.watch.metrics.instruments import HAPPENED, INSTRUMENTS, OTHER, REASONS, SIGN_IN, VERBS
from tests.core.test_events import EVERY

ALIKE = {"find", "chain", "heads", "forget", "newest", "close"}  # for operators, and the end


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
        assert all(re.fullmatch(r"[a-z_.]*", value) for value in made.series)


def test_all_events_all_reasons_and_all_verbs_are_known():
    assert set(HAPPENED.values) == {kind.name for kind in EVERY}
    assert tuple(Reason) == REASONS
    verbs = {
        name
        for skill in (Store, Rows, Overview, Ledger)
        for name, _ in inspect.getmembers(skill, inspect.isfunction)
        if not name.startswith("_")
    }
    assert set(VERBS) == verbs - ALIKE


def test_every_cause_of_a_failed_sign_in_is_known():
    source = inspect.getsource(credentials._cause) + inspect.getsource(actions.Login)
    causes = set(SIGN_IN.values) - {"succeeded", "throttled"}
    assert all(f'"{cause}"' in source for cause in causes)
    assert set(re.findall(r'"([a-z_]+)"', inspect.getsource(credentials._cause))) <= causes
