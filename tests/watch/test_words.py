"""What events say in a person's words."""

import pytest

from coatcheck.core.events import AnomalyFound, SessionCreated, StoreFailed
from coatcheck.core.events.wire import EVENTS
from coatcheck.core.reason import Reason
from coatcheck.watch import words


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_has_words_of_its_own(name):
    assert name in words.TITLES or name == "anomaly.found"
    assert words.title({"event": name})


def test_every_reason_has_words():
    assert set(words.REASONS) == {str(reason) for reason in Reason}


def test_an_anomaly_is_named_for_its_rule_and_weighs_as_much_as_it_says():
    body = {"event": "anomaly.found", "rule": "unknown_tokens", "severity": "warning"}
    assert words.title(body) == "Anomaly: unknown tokens"
    assert words.weight(body) == "warning"
    assert words.details({**body, "evidence": [["unknown_tokens", 120]]})[-1] == ("unknown tokens", "120")


def test_what_weighs_as_an_alarm_is_one_and_so_is_whatever_a_rule_noticed():
    noticed = AnomalyFound(at=1.0, rule="unknown_tokens", severity="notice", response="log", evidence=())
    assert words.is_alarm(noticed)
    assert words.is_alarm(StoreFailed(at=1.0, verb="save"))
    assert not words.is_alarm(SessionCreated(at=1.0))


def test_details_leave_out_what_stands_elsewhere_and_say_lists_and_numbers():
    body = {"event": "x", "at": 1.0, "session_id": "a", "roles": ["a", "b"], "evicted": [], "sessions": 2.0}
    assert words.details(body) == [("roles", "a, b"), ("evicted", "none"), ("sessions", "2")]


def test_what_a_sign_in_says_is_in_a_persons_words():
    body = {"event": "login.failed", "reason": "wrong_password", "tried": "5f2c", "amr": ["pwd", "otp"]}
    assert words.details(body) == [
        ("reason", "wrong password"),
        ("mark of the name tried", "5f2c"),
        ("proved by", "password, otp"),
    ]


def test_an_event_of_a_newer_version_is_named_by_its_name():
    assert words.title({"event": "coat.lost_and_found"}) == "Coat lost and found"
    assert words.weight({"event": "coat.lost_and_found"}) == "plain"
