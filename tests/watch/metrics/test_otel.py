"""OpenTelemetry: the same figures, through its own SDK."""

from opentelemetry.metrics import get_meter_provider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from coatcheck.core.events import LoginFailed, TokenReused
from coatcheck.core.evidence import Evidence
from coatcheck.watch.metrics import INSTRUMENTS, Metrics
from coatcheck.watch.metrics.instruments import LIVE, REVOCATION
from coatcheck.watch.metrics.otel import OpenTelemetry


def collected(reader):
    """What was exported: by name, and by the value of the attribute where there is one."""
    data = reader.get_metrics_data()
    found = {}
    for metric in data.resource_metrics[0].scope_metrics[0].metrics:
        for point in metric.data.data_points:
            found[metric.name, *point.attributes.values()] = point
    return found


def test_each_kind_is_exported_as_it_was_put_in():
    reader = InMemoryMetricReader()
    metrics = Metrics(meter := OpenTelemetry(MeterProvider([reader])))
    evidence = Evidence(presented=1, current=3, age=60.0, one_step_back=False)
    metrics.observe(TokenReused(at=1.0, evidence=evidence, ended=True))
    metrics.observe(LoginFailed(at=1.0, cause="wrong_password"))
    metrics.observe(LoginFailed(at=1.0, cause="ada@example.test"))
    meter.put(LIVE, 5, "")
    meter.put(LIVE, 3, "")
    meter.put(REVOCATION, 0.04, "cache")
    meter.close()
    found = collected(reader)
    assert found["coatcheck.tokens.reused",].value == 1
    assert found["coatcheck.sign_ins", "wrong_password"].value == 1
    assert found["coatcheck.sign_ins", "other"].value == 1
    assert found["coatcheck.sessions.live",].value == 3
    delay = found["coatcheck.revocation.delay", "cache"]
    assert (delay.sum, delay.count, delay.explicit_bounds) == (0.04, 1, REVOCATION.limits)


def test_every_instrument_is_made():
    reader = InMemoryMetricReader()
    meter = OpenTelemetry(MeterProvider([reader]))
    for made in INSTRUMENTS:
        meter.put(made, 1, made.series[0])
    assert {name for name, *_ in collected(reader)} == {made.name for made in INSTRUMENTS}


def test_without_an_sdk_nothing_happens_and_nothing_fails():
    assert not isinstance(get_meter_provider(), MeterProvider)
    meter = OpenTelemetry()
    Metrics(meter).observe(LoginFailed(at=1.0, cause="wrong_password"))
    for made in INSTRUMENTS:
        meter.put(made, 1, made.series[0])
