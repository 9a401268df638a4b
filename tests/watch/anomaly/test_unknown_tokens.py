"""Unknown tokens from one network."""

from coatcheck.core.events import TokenUnknown
from coatcheck.watch.anomaly import UnknownTokenFlood
from tests.watch.anomaly.happenings import facts, found, unknown


def test_a_flood_from_one_network_is_found_however_it_spreads_over_addresses():
    events = [unknown(second, f"192.0.2.{second}", count=10) for second in range(60)]
    findings = found(UnknownTokenFlood(), events)
    assert findings[0].key == "192.0.2.0/24"
    assert facts(findings[0])["limit"] == "200 at once, then 3.33 a second"


def test_as_many_from_as_many_networks_are_none():
    assert not found(UnknownTokenFlood(), [unknown(second, f"10.0.{second}.1", 100) for second in range(60)])


def test_a_trickle_never_overflows():
    assert not found(UnknownTokenFlood(), [unknown(second, count=3) for second in range(3600)])


def test_a_clock_that_steps_back_leaks_nothing():
    assert found(UnknownTokenFlood(tokens=10), [unknown(100, count=6), unknown(0, count=6)])


def test_an_address_that_nobody_knows_is_not_counted():
    assert not found(UnknownTokenFlood(), [TokenUnknown(at=0.0, count=1000), unknown(0, "", 1000)])
