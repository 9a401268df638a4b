"""Another browser within one session."""

import pytest

from coatcheck.core.events import SessionReauthenticated
from coatcheck.watch.anomaly import BrowserChange
from tests.watch.anomaly.happenings import (
    FIREFOX,
    HOME,
    NAMELESS,
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


def test_a_rotation_that_says_nothing_of_its_client_is_not():
    assert not found(BrowserChange(), [NAMELESS[0]])


def test_a_browser_with_which_the_user_has_proven_themselves_is_told_no_more():
    rule, moved = BrowserChange(), rotated(0, (HOME, FIREFOX), (OFFICE, SAFARI))
    assert found(rule, [moved])
    proven = happened(SessionReauthenticated, 1, OFFICE, SAFARI, session_id="s", user_id="ada")
    assert not found(rule, [proven, moved])
    assert found(rule, [rotated(2, (HOME, FIREFOX), (OFFICE, "curl/8.5.0"))])
