"""Events as plain values, there and back."""

import dataclasses
import json
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core.device import Device
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.events import AccessDenied, Event, SessionCreated, TokenReused
from coatcheck.core.events.wire import EVENTS, describe, revive
from coatcheck.core.evidence import Evidence
from coatcheck.core.reason import Reason

AT = 1_790_000_000.25

events = st.sampled_from(sorted(EVENTS.values(), key=lambda kind: kind.name)).flatmap(
    lambda kind: st.builds(kind, at=st.floats(0, 4e9))
)


@given(events)
def test_what_is_described_can_be_revived(event):
    assert revive(json.loads(json.dumps(describe(event)))) == event


def test_a_description_says_when_in_utc_and_what_in_owasp_words():
    said = describe(SessionCreated(at=AT, session_id="a" * 32, device=Device(ip="192.0.2.1")))
    assert said["event"] == "session.created"
    assert said["owasp"] == "session_created"
    assert said["time"] == "2026-09-21T14:13:20.250+00:00"
    assert said["device"]["ip"] == "192.0.2.1"


def test_what_says_nothing_is_left_out():
    assert describe(SessionCreated(at=AT)).keys() == {"event", "owasp", "time", "at"}


def test_a_required_text_stays_even_where_it_is_empty():
    event = AccessDenied(at=AT, reason=Reason.NO_SESSION, path="")
    assert revive(describe(event)) == event


def test_evidence_is_told_by_its_names():
    found = Evidence(presented=3, current=4, age=1.5, one_step_back=True)
    said = describe(TokenReused(at=AT, evidence=found, ended=True))
    assert said["evidence"] == {"presented": 3, "current": 4, "age": 1.5, "one_step_back": True}


@pytest.mark.parametrize("nonsense", [{}, {"event": "no.such"}, {"event": "session.created"}, {"event": []}])
def test_nonsense_is_no_event(nonsense):
    with pytest.raises(CorruptRecord, match="this is no event"):
        revive(nonsense)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
def test_every_field_is_of_a_kind_that_json_holds(kind):
    plain = {str, int, float, bool, type(None), Device}
    for field, hint in get_type_hints(kind).items():
        if field in {each.name for each in dataclasses.fields(Event)}:
            continue
        kinds = set(get_args(hint)) or {hint}
        assert kinds <= plain | {Reason, Evidence} or hint.__name__ in {"tuple", "Literal", "ClassVar"}, field
