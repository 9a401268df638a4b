"""The decision about grants: the rows of the table, one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core import grants
from coatcheck.core.chain import Standing
from coatcheck.core.grants import Handout
from coatcheck.core.plan import UNKNOWN, Verdict
from coatcheck.core.reason import Reason
from coatcheck.core.token import Token, another
from coatcheck.testing import SeededEntropy
from tests.core.support import ADA, FIRST, LIFETIMES, OTHER_KEY, ROTATION, STRANGER, T0, THIRD, make_record
from tests.core.test_grant import GRACE, GRANT, R0, R1, R2
from tests.core.test_grant import grants as several

RECORD = make_record(grants=(*several(2), GRANT))
MOVED = GRANT.committed(R1, T0 + 100, OTHER_KEY)
AFTER = make_record(grants=(MOVED,), last_seen_at=T0 + 100)


def admit(token, found=RECORD, since=0.0):
    return grants.admit(token, found, T0 + since, ROTATION)


def test_a_token_of_a_grant_is_admitted_with_its_standing():
    admission, grant = admit(R0)
    assert (admission.verdict, admission.standing, grant) == (Verdict.ADMIT, Standing.CURRENT, GRANT)
    assert admit(R1)[0].standing is Standing.NEXT
    assert admit(R0, AFTER, 100 + GRACE)[0].standing is Standing.PREVIOUS


@pytest.mark.parametrize("token", [FIRST, THIRD, STRANGER, another(FIRST.id, SeededEntropy("forged"))])
def test_a_cookie_and_anything_else_of_another_family_is_no_refresh_token(token):
    assert admit(token) == (UNKNOWN, None)


@pytest.mark.parametrize("found", [None, RECORD.entomb(Reason.LOGGED_OUT, T0)])
def test_a_session_that_is_gone_has_no_grants(found):
    assert admit(R0, found) == (UNKNOWN, None)


def test_a_grant_expires_with_its_session():
    idle = LIFETIMES.idle + ROTATION.tolerance
    assert admit(R0, since=idle)[0].admitted
    late, _ = admit(R0, since=idle + 1)
    assert (late.verdict, late.reason) == (Verdict.REFUSE, Reason.IDLE_TIMEOUT)
    active = make_record(grants=(GRANT,), last_seen_at=T0 + LIFETIMES.absolute - 1)
    assert admit(R0, active, LIFETIMES.absolute + 6)[0].reason is Reason.ABSOLUTE_TIMEOUT


def test_a_retired_token_ends_the_session_with_the_evidence():
    admission, _ = admit(R0, AFTER, 120)
    assert (admission.verdict, admission.reason) == (Verdict.END, Reason.TOKEN_REUSED)
    assert admission.standing is Standing.RETIRED
    evidence = admission.evidence
    assert (evidence.presented, evidence.current, evidence.age, evidence.one_step_back) == (1, 2, 20.0, True)


def test_a_token_retired_by_an_access_token_ends_the_session_too():
    record = make_record(grants=(GRANT.confirmed(2, T0 + 100),), last_seen_at=T0 + 100)
    admission, _ = admit(R0, record, 120)
    assert (admission.verdict, admission.evidence.age) == (Verdict.END, 20.0)
    assert not admission.evidence.one_step_back


def test_what_was_committed_since_a_request_arrived_is_no_evidence_against_it():
    twice = make_record(grants=(MOVED.committed(R2, T0 + 200, b"3" * 32),), last_seen_at=T0 + 200)
    admission, _ = admit(R0, twice, 150)
    assert (admission.verdict, admission.reason) == (Verdict.REFUSE, Reason.SUPERSEDED)
    assert admit(R0, twice, 200)[0].verdict is Verdict.END


def test_a_token_newer_than_the_record_was_lost_by_the_store_and_accuses_nobody():
    ahead = Token(R0.raw[:16] + (9).to_bytes(4, "big") + R0.raw[20:])
    admission, _ = admit(ahead)
    assert (admission.verdict, admission.reason, admission.standing) == (
        Verdict.REFUSE,
        Reason.SUPERSEDED,
        Standing.AHEAD,
    )


def answer(grant, token, standing, since):
    return grants.answer(grant, token, standing, T0 + since, ROTATION, OTHER_KEY)


def test_the_current_token_is_offered_the_same_successor_every_time():
    for since in (GRACE + 1, 500, 5_000):
        assert answer(GRANT, R0, Standing.CURRENT, since) == Handout(GRANT, 2, R1)


def test_within_the_overlap_after_a_commit_nothing_new_is_offered():
    assert answer(GRANT, R0, Standing.CURRENT, GRACE) == Handout(GRANT, 1)
    assert answer(MOVED, R0, Standing.PREVIOUS, 101) == Handout(MOVED, 2)


def test_the_successor_is_committed_at_its_first_use():
    assert answer(GRANT, R1, Standing.NEXT, 100) == Handout(MOVED, 2)


def test_a_successor_that_was_confirmed_long_ago_is_committed_and_answered_with_the_next_in_one_go():
    confirmed = GRANT.confirmed(2, T0 + 100)
    handout = answer(confirmed, R1, Standing.NEXT, 400)
    assert handout == Handout(MOVED, 3, R2)


@given(
    since=st.floats(0, 1e6), standing=st.sampled_from([Standing.CURRENT, Standing.NEXT, Standing.PREVIOUS])
)
def test_an_access_token_goes_out_with_the_refresh_token_its_client_then_has(since, standing):
    token = R1 if standing is Standing.NEXT else R0
    handout = answer(GRANT, token, standing, since)
    after = handout.grant.chain.generation
    assert handout.step == (handout.token.generation if handout.token else after)


def test_the_session_behind_an_access_token_is_judged_as_it_is_now():
    def judge(found, user_id="u-ada", grant=None, since=0.0):
        return grants.admit_bearer(user_id, grant, found, T0 + since, ROTATION)

    assert judge(RECORD).admitted
    assert judge(RECORD, grant=GRANT.id).admitted
    for none in ("", "0" * 16):
        assert judge(RECORD, grant=none).reason is Reason.REVOKED
    assert judge(RECORD, user_id="u-eve") is UNKNOWN
    assert judge(make_record(identity=None)) is UNKNOWN
    assert judge(None) is UNKNOWN
    over = judge(RECORD.entomb(Reason.LOGGED_OUT, T0)), judge(RECORD, since=LIFETIMES.idle + 6)
    assert [verdict.reason for verdict in over] == [Reason.LOGGED_OUT, Reason.IDLE_TIMEOUT]
    assert {verdict.verdict for verdict in over} == {Verdict.REFUSE}
    assert ADA.user_id == "u-ada"
