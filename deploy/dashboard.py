"""The Grafana dashboard, from a table: `python -m deploy.dashboard` writes its file anew."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "grafana" / "coatcheck.json"
SOURCE = {"type": "prometheus", "uid": "${source}"}
OURS = 'job=~"$job"'
WIDE, HIGH, LOW = 24, 8, 4  # Grafana's grid has 24 columns


@dataclass(frozen=True)
class Panel:
    """One picture.

    Attributes:
        title: What it shows.
        queries: PromQL by legend; `OURS` in braces chooses the job.
        unit: As Grafana names it.
        kind: `stat` is one number, `timeseries` a line for each series.
        bad: From which value on a stat is red.
    """

    title: str
    queries: dict[str, str]
    unit: str = "short"
    kind: str = "timeseries"
    bad: float | None = None


@dataclass(frozen=True)
class Row:
    """Pictures side by side under one heading."""

    title: str
    panels: list[Panel] = field(default_factory=list)


def rate(counter: str, by: str = "", *, per: float = 1, **labels: str) -> str:
    """Return how fast a counter grows, over all workers or by one label; `per` seconds."""
    chosen = ",".join([OURS, *(f'{name}="{value}"' for name, value in labels.items())])
    grouped = f" by ({by})" if by else ""
    times = f" * {per:g}" if per != 1 else ""
    return f"sum{grouped} (rate(coatcheck_{counter}{{{chosen}}}[$__rate_interval])){times}"


def quantile(part: float, histogram: str, by: str) -> str:
    """Return below which value a part of a histogram lies, by one label."""
    buckets = f"rate(coatcheck_{histogram}_bucket{{{OURS}}}[$__rate_interval])"
    return f"histogram_quantile({part}, sum by ({by}, le) ({buckets}))"


def lately(counter: str, window: str, **labels: str) -> str:
    """Return by how much a counter grew within a window."""
    chosen = ",".join([OURS, *(f'{name}="{value}"' for name, value in labels.items())])
    return f"sum (increase(coatcheck_{counter}{{{chosen}}}[{window}]))"


HITS = rate("near_looks_total", result="hit")
TABLE = [
    Row(
        "Now",
        [
            Panel("Live sessions", {"": f"max (coatcheck_sessions_live{{{OURS}}})"}, kind="stat"),
            Panel("Open streams", {"": f"sum (coatcheck_streams_open{{{OURS}}})"}, kind="stat"),
            Panel(
                "Sign-ins per minute", {"": rate("sign_ins_total", per=60, outcome="succeeded")}, kind="stat"
            ),
            Panel("Copied cookies, 24 h", {"": lately("tokens_reused_total", "24h")}, kind="stat", bad=1),
            Panel("Store failures, 1 h", {"": lately("store_failures_total", "1h")}, kind="stat", bad=1),
            Panel(
                "Since the last sweep",
                {"": f"min (coatcheck_sweeper_lag_seconds{{{OURS}}})"},
                unit="s",
                kind="stat",
                bad=7200,
            ),
        ],
    ),
    Row(
        "People and their sessions",
        [
            Panel(
                "Sign-ins per minute",
                {"{{outcome}}": rate("sign_ins_total", "outcome", per=60)},
            ),
            Panel("Sessions begun per minute", {"{{kind}}": rate("sessions_created_total", "kind", per=60)}),
            Panel(
                "Sessions ended per minute", {"{{reason}}": rate("sessions_ended_total", "reason", per=60)}
            ),
            Panel(
                "Turned away per minute",
                {
                    "session: {{reason}}": rate("sessions_refused_total", "reason", per=60),
                    "request: {{reason}}": rate("requests_denied_total", "reason", per=60),
                },
            ),
            Panel("Live sessions", {"live": f"max (coatcheck_sessions_live{{{OURS}}})"}),
            Panel("Tokens rotated per second", {"{{kind}}": rate("tokens_rotated_total", "kind")}),
        ],
    ),
    Row(
        "The store",
        [
            Panel(
                "Slowest of a hundred calls",
                {"{{verb}}": quantile(0.99, "store_duration_seconds", "verb")},
                unit="s",
            ),
            Panel("Median call", {"{{verb}}": quantile(0.5, "store_duration_seconds", "verb")}, unit="s"),
            Panel("Calls per second", {"{{verb}}": rate("store_duration_seconds_count", "verb")}, unit="ops"),
            Panel("Failures per second", {"{{verb}}": rate("store_failures_total", "verb")}),
            Panel(
                "Activity stamps in one batch",
                {"mean": f"{rate('touch_batch_sum')} / {rate('touch_batch_count')}"},
            ),
            Panel("Rows swept per second", {"deleted": rate("sweeper_deleted_total")}),
        ],
    ),
    Row(
        "What the workers remember",
        [
            Panel(
                "Session checks without a read",
                {"hit ratio": f"{HITS} / {rate('near_looks_total')}"},
                "percentunit",
            ),
            Panel("Records remembered", {"records": f"sum (coatcheck_near_records{{{OURS}}})"}),
            Panel("Memory for them", {"bytes": f"sum (coatcheck_near_size_bytes{{{OURS}}})"}, unit="bytes"),
            Panel(
                "How late a revocation arrives",
                {
                    "{{reached}}, median": quantile(0.5, "revocation_delay_seconds", "reached"),
                    "{{reached}}, 1 in 100": quantile(0.99, "revocation_delay_seconds", "reached"),
                },
                unit="s",
            ),
            Panel("Feed cut, everything forgotten", {"lapses per minute": rate("near_lapses_total", per=60)}),
            Panel("Open streams", {"open": f"sum (coatcheck_streams_open{{{OURS}}})"}),
        ],
    ),
    Row(
        "Alarms",
        [
            Panel("Copied cookies", {"reused": lately("tokens_reused_total", "$__rate_interval")}),
            Panel("Strange tokens per second", {"{{kind}}": rate("tokens_strange_total", "kind")}),
            Panel("Anomalies per hour", {"{{rule}}": rate("anomalies_found_total", "rule", per=3600)}),
            Panel("Events lost", {"{{sink}}": rate("sinks_lost_total", "sink")}),
            Panel("Events per second", {"{{event}}": rate("events_total", "event")}),
        ],
    ),
]


def dashboard() -> dict[str, Any]:
    """Return the whole as Grafana imports it."""
    return {
        "title": "Coatcheck",
        "uid": "coatcheck",
        "description": "Sessions, sign-ins, store, near-cache and alarms of an application with Coatcheck.",
        "tags": ["coatcheck", "sessions"],
        "editable": True,
        "refresh": "30s",
        "schemaVersion": 39,
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_source(), _jobs()]},
        "panels": [*_laid_out()],
    }


def _source() -> dict[str, Any]:
    return {"name": "source", "label": "Data source", "type": "datasource", "query": "prometheus"}


def _jobs() -> dict[str, Any]:
    query = "label_values(coatcheck_events_total, job)"
    return {
        "name": "job",
        "label": "Job",
        "type": "query",
        "datasource": SOURCE,
        "definition": query,
        "query": {"query": query, "refId": "job"},
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
    }


def _laid_out() -> Iterator[dict[str, Any]]:
    """Give every picture its place: three in a row, and all of the numbers in one."""
    top = number = 0
    for row in TABLE:
        number += 1
        place = {"h": 1, "w": WIDE, "x": 0, "y": top}
        yield {
            "id": number,
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "gridPos": place,
            "panels": [],
        }
        top += 1
        stats = row.panels[0].kind == "stat"
        across, height = (len(row.panels), LOW) if stats else (3, HIGH)
        width = WIDE // across
        for position, panel in enumerate(row.panels):
            number += 1
            x, y = position % across * width, top + position // across * height
            yield _drawn(panel, number, {"h": height, "w": width, "x": x, "y": y})
        top += -(-len(row.panels) // across) * height


def _drawn(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green" if panel.bad else "text", "value": None}]
    if panel.bad is not None:
        steps.append({"color": "red", "value": panel.bad})
    options = {
        "legend": {"displayMode": "list", "placement": "bottom"},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "options": {"colorMode": "value", "graphMode": "area"} if panel.kind == "stat" else options,
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": query, "legendFormat": legend}
            for place, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def text() -> str:
    """Return the file's text."""
    return json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
