"""Many networks within one session."""

from coatcheck.watch.anomaly import NetworkChange
from tests.watch.anomaly.happenings import FIREFOX, HOME, NAMELESS, OFFICE, facts, found, rotated, signed_in


def test_a_client_that_nobody_knows_is_not_found():
    assert not found(NetworkChange(), [*NAMELESS, signed_in(0, "ada")])


def test_a_session_used_from_many_networks_in_a_day_is_found():
    events = [rotated(900.0 * n, (HOME, FIREFOX), (f"10.0.{n}.1", FIREFOX)) for n in range(6)]
    (finding,) = found(NetworkChange(), events)
    assert (finding.severity, facts(finding)["networks"]) == ("notice", "6")


def test_home_work_and_the_phone_on_the_way_are_not():
    places = [HOME, "10.0.0.1", OFFICE, "10.0.1.1"]
    events = [rotated(900.0 * n, (HOME, FIREFOX), (places[n % 4], FIREFOX)) for n in range(96)]
    assert not found(NetworkChange(), events)
