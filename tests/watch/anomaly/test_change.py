"""Another browser, or many networks, within one session."""

import pytest

from coatcheck.core.device import Device, describe
from coatcheck.core.events import SessionReauthenticated, SessionRotated
from coatcheck.watch.anomaly import BrowserChange, NetworkChange
from tests.watch.anomaly.happenings import (
    FIREFOX,
    HOME,
    OFFICE,
    SAFARI,
    UPDATED,
    facts,
    found,
    happened,
    rotated,
    signed_in,
)


@pytest.mark.parametrize(("ip", "severity"), [("192.0.2.99", "warning"), (OFFICE, "alarm")])
def test_another_browser_is_found(ip, severity):
    (finding,) = found(BrowserChange(), [rotated(0, (HOME, FIREFOX), (ip, SAFARI))])
    assert (finding.severity, finding.session_id) == (severity, "s")
    assert facts(finding)["client_was"] == "Firefox on Linux"
    assert facts(finding)["client_is"] == "Safari on iPhone"


def test_an_update_of_the_same_browser_is_not_even_if_the_network_changes():
    events = [rotated(0, (HOME, FIREFOX), (HOME, UPDATED)), rotated(1, (HOME, FIREFOX), (OFFICE, UPDATED))]
    assert not found(BrowserChange(), events)


def test_the_same_client_is_not():
    assert not found(BrowserChange(), [rotated(0, (HOME, FIREFOX), (HOME, FIREFOX)), signed_in(0, "ada")])


def test_a_client_that_nobody_knows_is_not():
    events = [
        SessionRotated(at=0.0, generation=2, begun_on=describe(HOME, FIREFOX)),
        SessionRotated(
            at=0.0, generation=2, begun_on=describe(HOME, FIREFOX), device=Device(), session_id="s"
        ),
    ]
    assert not found(NetworkChange(), [*events, signed_in(0, "ada")])
    assert BrowserChange().see(events[0]) is None


def test_a_browser_with_which_the_user_has_proven_themselves_is_told_no_more():
    rule, moved = BrowserChange(), rotated(0, (HOME, FIREFOX), (OFFICE, SAFARI))
    assert found(rule, [moved])
    proven = happened(SessionReauthenticated, 1, OFFICE, SAFARI, session_id="s", user_id="ada")
    assert not found(rule, [proven, moved])
    assert found(rule, [rotated(2, (HOME, FIREFOX), (OFFICE, "curl/8.5.0"))])


def test_a_session_used_from_many_networks_in_a_day_is_found():
    events = [rotated(900.0 * n, (HOME, FIREFOX), (f"10.0.{n}.1", FIREFOX)) for n in range(6)]
    (finding,) = found(NetworkChange(), events)
    assert (finding.severity, facts(finding)["networks"]) == ("notice", "6")


def test_home_work_and_the_phone_on_the_way_are_not():
    places = [HOME, "10.0.0.1", OFFICE, "10.0.1.1"]
    events = [rotated(900.0 * n, (HOME, FIREFOX), (places[n % 4], FIREFOX)) for n in range(96)]
    assert not found(NetworkChange(), events)
