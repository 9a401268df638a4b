"""Events in logs: one record each, graded as OWASP grades them, with nothing that could forge another."""

import json
import logging

import pytest
import structlog

from coatcheck.core.device import describe as device
from coatcheck.core.events import AccessDenied, LoginFailed, SessionCreated, TokenReused
from coatcheck.core.events.wire import EVENTS, describe, revive
from coatcheck.core.evidence import Evidence
from coatcheck.core.reason import Reason
from coatcheck.watch.logs import LEVELS, LogObserver, StructlogObserver, level

CREATED = SessionCreated(at=1_790_000_000.0, session_id="a" * 32, user_id="u-ada")
REUSED = TokenReused(
    at=1.0, evidence=Evidence(presented=1, current=3, age=9.0, one_step_back=False), ended=True
)


def test_a_record_names_the_event_and_carries_its_fields(caplog):
    with caplog.at_level(logging.INFO, "coatcheck.events"):
        LogObserver().observe(CREATED)
    [record] = caplog.records
    assert record.getMessage() == f"session.created session_id='{'a' * 32}' user_id='u-ada'"
    assert revive(record.event) == CREATED


def test_what_a_client_sends_stays_within_one_line(caplog):
    client = device("192.0.2.1\nfaked", "evil\r\nINFO session.created user_id='root'\x1b[2J")
    event = LoginFailed(at=1.0, cause="wrong_password", device=client, request_id="x\ny")
    LogObserver().observe(event)
    [record] = caplog.records
    assert record.getMessage().isprintable()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (CREATED, logging.INFO),
        (LoginFailed(at=1.0, cause="wrong_password"), logging.WARNING),
        (AccessDenied(at=1.0, reason=Reason.ROLE_REQUIRED, path="/admin"), logging.CRITICAL),
        (REUSED, logging.CRITICAL),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_events_are_graded_as_owasp_grades_them(event, expected):
    assert level(event) == expected


def test_every_graded_name_is_one_of_an_event():
    assert not LEVELS.keys() - {kind.owasp for kind in EVENTS.values()}


def test_a_level_that_nobody_wants_costs_nothing(caplog):
    with caplog.at_level(logging.ERROR, "coatcheck.events"):
        LogObserver().observe(CREATED)
    assert not caplog.records


def test_structlog_gets_the_fields_as_facts():
    with structlog.testing.capture_logs() as entries:
        StructlogObserver(structlog.get_logger()).observe(REUSED)
    [entry] = entries
    assert entry["event"] == "token.reused"
    assert entry["log_level"] == "critical"
    assert entry["evidence"] == describe(REUSED)["evidence"]
    assert json.dumps(entry)
