"""Prometheus: what a scrape gets, from one worker and from several."""

import subprocess
import sys
import textwrap

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from coatcheck import Reason, SessionManager
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events import LoginFailed, SessionOver, TokenUnknown
from coatcheck.stores.memory import MemoryStore
from coatcheck.watch.metrics import INSTRUMENTS, Metrics
from coatcheck.watch.metrics.instruments import LIVE, MEMORY, REVOCATION, SIGN_IN
from coatcheck.watch.metrics.prometheus import Prometheus
from tests.manager.feeds import until
from tests.watch.promtool import needs_promtool, promtool


def samples(prometheus):
    """The figures of an exposition: by name, and by the value of the label where there is one."""
    text = prometheus.exposition() if isinstance(prometheus, Prometheus) else prometheus
    return {
        (
            sample.name.removeprefix("coatcheck_"),
            *(sample.labels[name] for name in sorted(sample.labels)),
        ): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_counters_begin_at_zero_and_gauges_when_they_are_set():
    found = samples(Prometheus())
    assert found["sessions_ended_total", "revoked"] == found["tokens_reused_total",] == 0
    assert found["store_duration_seconds_count", "load"] == 0
    assert not [name for name, *_ in found if name == "sessions_live"]


def test_each_kind_shows_what_was_put_in():
    prometheus = Prometheus()
    for value in (3.0, 5.0):
        prometheus.put(LIVE, value, "")
        prometheus.put(SIGN_IN, value, "throttled")
    prometheus.put(MEMORY, 2560, "")
    prometheus.put(REVOCATION, 0.04, "cache")
    found = samples(prometheus)
    assert found["sessions_live",] == 5
    assert found["sign_ins_total", "throttled"] == 8
    assert found["near_size_bytes",] == 2560
    assert found["revocation_delay_seconds_sum", "cache"] == 0.04
    assert [found["revocation_delay_seconds_bucket", limit, "cache"] for limit in ("0.02", "0.05")] == [0, 1]


def test_no_text_of_anybody_becomes_a_label():
    prometheus = Prometheus()
    metrics = Metrics(prometheus)
    before = len(samples(prometheus))
    for cause in ("ada@example.test", "", "x" * 300, 'a"b\n'):
        metrics.observe(LoginFailed(at=1.0, user_id="u-ada", cause=cause))
    metrics.observe(SessionOver(at=1.0, session_id="a" * 32, user_id="u-ada", reason=Reason.REVOKED))
    metrics.observe(TokenUnknown(at=1.0, count=4))
    found = samples(prometheus)
    assert found["sign_ins_total", "other"] == 4
    assert len(found) == before
    assert not [word for word in (b"ada", b"a" * 32, b"xxx") if word in prometheus.exposition()]


def test_an_app_may_bring_its_registry_and_two_apps_do_not_collide():
    registry = CollectorRegistry()
    Prometheus(registry).put(LIVE, 2, "")
    Prometheus().put(LIVE, 3, "")
    assert registry.get_sample_value("coatcheck_sessions_live") == 2


def test_every_instrument_is_exposed_under_its_name():
    prometheus = Prometheus()
    for made in INSTRUMENTS:
        prometheus.put(made, 1, made.series[0])
    names = {family.name for family in text_string_to_metric_families(prometheus.exposition().decode())}
    assert {made.prometheus_name for made in INSTRUMENTS} <= names


@needs_promtool
def test_promtool_finds_no_fault_with_the_names():
    prometheus = Prometheus()
    for made in INSTRUMENTS:
        prometheus.put(made, 1, made.series[0])
    promtool("check", "metrics", input=prometheus.exposition())


def test_workers_without_a_folder_to_share_do_not_start(monkeypatch):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    with pytest.raises(ConfigurationError, match="PROMETHEUS_MULTIPROC_DIR"):
        Prometheus(multiprocess=True)


def test_a_folder_that_prometheus_client_hears_of_too_late_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    with pytest.raises(ConfigurationError, match="imported before"):
        Prometheus(multiprocess=True)


WORKER = """
    from coatcheck.watch.metrics.instruments import LIVE, SIGN_IN, STREAMS
    from coatcheck.watch.metrics.prometheus import Prometheus

    prometheus = Prometheus(multiprocess=True)
    prometheus.put(SIGN_IN, {count}, "succeeded")
    prometheus.put(STREAMS, {count}, "")
    prometheus.put(LIVE, 7, "")
    if {leaves}:
        prometheus.close()
    print(prometheus.exposition().decode())
"""


def test_a_scrape_of_one_worker_shows_all_and_the_gauges_of_those_who_live(tmp_path):
    """Counters of a worker that has left still count; its open streams do not."""
    shown = b""
    for count, leaves in ((2, False), (5, True), (1, False)):
        program = textwrap.dedent(WORKER.format(count=count, leaves=leaves))
        shown = subprocess.run(
            [sys.executable, "-c", program],
            env={"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
    found = samples(shown)
    assert found["sign_ins_total", "succeeded"] == 8
    assert found["streams_open",] == 3
    assert found["sessions_live",] == 7


async def test_a_manager_with_metrics_can_be_scraped():
    prometheus = Prometheus()
    async with SessionManager(MemoryStore(), observers=[Metrics(prometheus)]) as manager:
        await manager.open("nonsense")
        await until(lambda: ("sweeper_lag_seconds",) in samples(prometheus))
        found = samples(prometheus)
    assert found["tokens_strange_total", "malformed"] == 1
    assert found["sessions_live",] == 0
