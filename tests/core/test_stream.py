import pytest
from hypothesis import given

from coatcheck.core import plan
from coatcheck.core.chain import start
from coatcheck.core.reason import Reason
from coatcheck.core.stream import RECONNECT, Outlook, judge_stream
from coatcheck.testing import SeededEntropy
from tests.core.support import (
    FIRST,
    FORMER,
    FOURTH,
    KEY,
    ROTATION,
    SECOND,
    STRANGER,
    T0,
    THIRD,
    at_generation,
    chain_at_third,
    make_record,
    moments,
    records_with_tokens,
)

RECORD = make_record()
DEADLINE = RECORD.expires_at + ROTATION.tolerance


def tombstone(reason):
    return RECORD.entomb(reason, T0)


@pytest.mark.parametrize("token", [THIRD, FOURTH])
def test_the_current_token_and_the_next_stay_until_the_deadline(token):
    assert judge_stream(token, RECORD, T0, ROTATION) == Outlook(RECORD, DEADLINE)
    assert judge_stream(token, RECORD, DEADLINE, ROTATION) == Outlook(RECORD, DEADLINE)


def test_the_previous_token_stays_until_its_overlap_is_over():
    grace = T0 + ROTATION.grace
    assert judge_stream(SECOND, RECORD, T0, ROTATION) == Outlook(RECORD, grace)
    assert judge_stream(SECOND, RECORD, grace, ROTATION) == Outlook(RECORD, grace)
    assert judge_stream(SECOND, RECORD, grace + 0.001, ROTATION) is RECONNECT


def test_an_overlap_does_not_outlive_the_session():
    dying = make_record(idle=3.0)
    assert judge_stream(SECOND, dying, T0, ROTATION) == Outlook(dying, T0 + 3.0 + ROTATION.tolerance)


@pytest.mark.parametrize(
    "token",
    [FIRST, FORMER, STRANGER, at_generation(9), at_generation(0)],
    ids=["retired", "of the family before", "of no family", "ahead", "edited"],
)
def test_every_other_token_reconnects_and_nobody_is_accused(token):
    record = make_record(chain=chain_at_third(former_family_digest=FORMER.family_digest))
    assert judge_stream(token, record, T0 + 100.0, ROTATION) is RECONNECT


def test_what_a_request_would_be_accused_of_only_closes_a_stream():
    assert plan.admit(FIRST, RECORD, T0, ROTATION).verdict is plan.Verdict.END
    assert judge_stream(FIRST, RECORD, T0, ROTATION) is RECONNECT


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, Reason.IDLE_TIMEOUT),
        ({"absolute_at": RECORD.expires_at}, Reason.ABSOLUTE_TIMEOUT),
        ({"absolute_at": T0 + 60.0}, Reason.ABSOLUTE_TIMEOUT),
    ],
)
def test_a_deadline_that_passed_ends_it_with_its_reason(fields, reason):
    record = make_record(**fields)
    last = record.expires_at + ROTATION.tolerance
    assert judge_stream(THIRD, record, last, ROTATION).record is record
    for token in (THIRD, FIRST, STRANGER):
        assert judge_stream(token, record, last + 0.001, ROTATION) == Outlook(reason=reason)


@pytest.mark.parametrize("reason", sorted(set(Reason) - {Reason.SUPERSEDED}))
def test_an_ended_session_says_why(reason):
    assert judge_stream(THIRD, tombstone(reason), T0, ROTATION) == Outlook(reason=reason)


def test_a_session_that_a_sign_in_replaced_is_succeeded_in_the_same_jar():
    assert judge_stream(THIRD, tombstone(Reason.SUPERSEDED), T0, ROTATION) is RECONNECT


def test_a_row_that_is_gone_is_nobodys():
    assert judge_stream(THIRD, None, T0, ROTATION) == Outlook(reason=Reason.UNKNOWN_TOKEN)


def test_reconnecting_names_neither_record_nor_reason():
    assert (RECONNECT.record, RECONNECT.reason, RECONNECT.until) == (None, None, 0.0)


def test_a_re_authentication_elsewhere_lets_the_stream_reconnect_at_once():
    fresh = THIRD.renewed(4, SeededEntropy("renewal"))
    record = make_record(chain=RECORD.chain.authenticate(fresh, T0, KEY))
    assert judge_stream(THIRD, record, T0, ROTATION) is RECONNECT
    assert judge_stream(fresh, record, T0, ROTATION).record is record


@given(records_with_tokens(), moments)
def test_whoever_stays_would_be_admitted_too(drawn, now):
    """A stream never outlasts what a request with its token may do, and a request is never worse off."""
    record, token = drawn
    outlook = judge_stream(token, record, now, ROTATION)
    admission = plan.admit(token, record, now, ROTATION)
    assert (outlook.record is not None) == admission.admitted
    assert outlook.record is None or outlook.until >= now - 1e-3


def test_a_chain_that_just_began_knows_its_first_token():
    record = make_record(chain=start(FIRST, T0, KEY))
    assert judge_stream(FIRST, record, T0, ROTATION).record is record
