"""The dashboard and the alert rules: made of metrics that exist, with labels that those have."""

import json
import re

import pytest

from coatcheck.watch.metrics.instruments import INSTRUMENTS, OTHER
from deploy import dashboard
from tests.house import ROOT
from tests.watch.promtool import needs_promtool, promtool

RULES = ROOT / "deploy" / "prometheus"
OF_PROMETHEUS = {"job", "instance", "le"}


def series():
    """Every name that a scrape may hold, with the values of its label."""
    for made in INSTRUMENTS:
        name = made.prometheus_name
        names = {
            "counter": [f"{name}_total"],
            "gauge": [name],
            "histogram": [f"{name}_bucket", f"{name}_sum", f"{name}_count"],
        }
        yield from ((found, made) for found in names[made.kind])


SERIES = dict(series())


def queries():
    return [target["expr"] for panel in drawn() for target in panel["targets"]]


def drawn():
    return [panel for panel in dashboard.dashboard()["panels"] if panel["type"] != "row"]


def expressions():
    rules = (RULES / "coatcheck.rules.yml").read_text("utf-8")
    return {"alert rules": rules, "their tests": (RULES / "coatcheck.test.yml").read_text("utf-8")} | {
        f"panel {number}": query for number, query in enumerate(queries())
    }


@pytest.mark.parametrize("where", expressions())
def test_only_metrics_that_exist_are_asked_for_and_only_labels_that_they_have(where):
    text = expressions()[where]
    used = re.findall(r"(coatcheck_[a-z_]+)(?:\{([^}]*)\})?", text)
    assert used
    for name, chosen in used:
        assert name in SERIES, name
        for label, value in re.findall(r'(\w+)!?=~?"([^"]*)"', chosen):
            assert label in {SERIES[name].label} | OF_PROMETHEUS
            if label == SERIES[name].label:
                assert set(value.split("|")) <= set(SERIES[name].values) - {OTHER}


def test_every_alert_is_explained():
    alerts = re.findall(r"alert: (\w+)", (RULES / "coatcheck.rules.yml").read_text("utf-8"))
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    assert len(alerts) >= 10
    assert not [alert for alert in alerts if f"`{alert}`" not in page]


def test_the_labels_that_results_are_grouped_by_exist():
    for where, text in expressions().items():
        for labels in re.findall(r"by \(([^)]*)\)", text):
            known = {made.label for made in INSTRUMENTS} | OF_PROMETHEUS
            assert set(labels.replace(" ", "").split(",")) <= known, where


def test_every_instrument_is_on_the_dashboard():
    shown = " ".join(queries())
    assert not [made.name for made in INSTRUMENTS if f"{made.prometheus_name}" not in shown]


def test_the_dashboards_file_is_what_its_table_says():
    assert dashboard.FILE.read_text("utf-8") == dashboard.text(), "run: python -m deploy.dashboard"
    assert json.loads(dashboard.text())["uid"] == "coatcheck"


def test_no_picture_covers_another():
    taken = set()
    for panel in dashboard.dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    numbers = [panel["id"] for panel in dashboard.dashboard()["panels"]]
    assert len(set(numbers)) == len(numbers)


@needs_promtool
def test_promtool_accepts_the_rules_and_they_fire_when_they_should():
    promtool("check", "rules", "coatcheck.rules.yml", folder=RULES)
    promtool("test", "rules", "coatcheck.test.yml", folder=RULES)


@needs_promtool
def test_promtool_can_read_every_query_of_the_dashboard(tmp_path):
    lines = ["groups:", "- name: dashboard", "  rules:"]
    for number, query in enumerate(queries()):
        query = query.replace("$__rate_interval", "5m").replace("$job", ".*")  # noqa: PLW2901 - as Grafana does
        lines += [f"  - record: panel:{number}", f"    expr: {json.dumps(query)}"]
    (tmp_path / "panels.yml").write_text("\n".join(lines), "utf-8")
    promtool("check", "rules", "panels.yml", folder=tmp_path)
