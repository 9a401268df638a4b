"""The heart, judged by tables that know nothing of its code."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core import plan
from coatcheck.core.chain import Standing
from coatcheck.core.change import NO_GRANTS, DataChange, Elevation
from coatcheck.core.evidence import Evidence
from coatcheck.core.plan import (
    NOBODY,
    UNKNOWN,
    Admission,
    Cookie,
    Plan,
    Verdict,
    admit,
    draw,
    may_offer,
    settle,
)
from coatcheck.core.reason import Reason
from coatcheck.core.store import Ending
from coatcheck.core.touch import Touch
from coatcheck.core.visit import Move, Visit
from tests.core.support import (
    FIRST,
    FORMER,
    FOURTH,
    LIFETIMES,
    OTHER_KEY,
    ROTATION,
    SECOND,
    STRANGER,
    T0,
    THIRD,
    any_token,
    at_generation,
    chain_at_third,
    make_record,
    moments,
    records_with_tokens,
)

GRACE, TOLERANCE = ROTATION.grace, ROTATION.tolerance

# --- admit: every standing against every state of what is found ---

PRESENTED = {
    "current": THIRD,
    "next": FOURTH,
    "previous": SECOND,
    "two_back": FIRST,
    "forged_old": at_generation(2),
    "forged_same": at_generation(3),
    "forged_ahead": at_generation(9),
    "former": at_generation(2, FORMER),
    "stranger": STRANGER,
    "none": None,
}
NOW = T0 + 5000.0
FRESHLY = NOW - GRACE  # the last moment at which the previous token is admitted
REAUTHENTICATED = chain_at_third(FRESHLY, former_family_digest=FORMER.family_digest)
FOUND = {
    "alive": make_record(chain=chain_at_third(FRESHLY), last_seen_at=NOW),
    "alive_past_overlap": make_record(chain=chain_at_third(FRESHLY - 0.001), last_seen_at=NOW),
    "reauthenticated": make_record(chain=REAUTHENTICATED, last_seen_at=NOW),
    "reauthenticated_idle": make_record(chain=REAUTHENTICATED, last_seen_at=NOW - 1800 - TOLERANCE - 0.001),
    "reauthenticated_ended": make_record(chain=REAUTHENTICATED).entomb(Reason.REVOKED, NOW),
    "alive_clock_back": make_record(chain=chain_at_third(NOW + 300), last_seen_at=NOW + 300),
    "at_idle_deadline": make_record(chain=chain_at_third(FRESHLY), last_seen_at=NOW - 1800 - TOLERANCE),
    "idle_expired": make_record(chain=chain_at_third(FRESHLY), last_seen_at=NOW - 1800 - TOLERANCE - 0.001),
    "at_absolute_deadline": make_record(
        chain=chain_at_third(FRESHLY), last_seen_at=NOW, absolute_at=NOW - TOLERANCE
    ),
    "absolute_expired": make_record(
        chain=chain_at_third(FRESHLY), last_seen_at=NOW, absolute_at=NOW - TOLERANCE - 0.001
    ),
    "logged_out": make_record().entomb(Reason.LOGGED_OUT, NOW),
    "revoked": make_record().entomb(Reason.REVOKED, NOW),
    "never_created": None,
}

# One letter a verdict: C, N, P admit by standing; F former family; A ahead; R reuse, ends;
# U unknown; I idle; T absolute; L logged out; V revoked; - nobody.
TABLE = """
                      current next previous two_back forged_old forged_same forged_ahead former stranger none
alive                 C       N    P        R        R          A           A            U      U        -
alive_past_overlap    C       N    R        R        R          A           A            U      U        -
reauthenticated       C       N    P        R        R          A           A            F      U        -
reauthenticated_idle  I       I    I        I        I          I           I            I      U        -
reauthenticated_ended V       V    V        V        V          V           V            U      U        -
alive_clock_back      C       N    P        R        R          A           A            U      U        -
at_idle_deadline      C       N    P        R        R          A           A            U      U        -
idle_expired          I       I    I        I        I          I           I            U      U        -
at_absolute_deadline  C       N    P        R        R          A           A            U      U        -
absolute_expired      T       T    T        T        T          T           T            U      U        -
logged_out            L       L    L        L        L          L           L            U      U        -
revoked               V       V    V        V        V          V           V            U      U        -
never_created         U       U    U        U        U          U           U            U      U        -
"""
MEANING = {
    "C": (Verdict.ADMIT, None, Standing.CURRENT),
    "N": (Verdict.ADMIT, None, Standing.NEXT),
    "P": (Verdict.ADMIT, None, Standing.PREVIOUS),
    "F": (Verdict.REFUSE, Reason.SUPERSEDED, Standing.FORMER),
    "A": (Verdict.REFUSE, Reason.SUPERSEDED, Standing.AHEAD),
    "R": (Verdict.END, Reason.TOKEN_REUSED, Standing.RETIRED),
    "U": (Verdict.REFUSE, Reason.UNKNOWN_TOKEN, Standing.FOREIGN),
    "I": (Verdict.REFUSE, Reason.IDLE_TIMEOUT, None),
    "T": (Verdict.REFUSE, Reason.ABSOLUTE_TIMEOUT, None),
    "L": (Verdict.REFUSE, Reason.LOGGED_OUT, None),
    "V": (Verdict.REFUSE, Reason.REVOKED, None),
    "-": (Verdict.REFUSE, Reason.NO_SESSION, None),
}


def cells():
    header, *rows = (line.split() for line in TABLE.strip().splitlines())
    return [(row[0], *cell) for row in rows for cell in zip(header, row[1:], strict=True)]


def test_the_table_is_whole():
    assert {(found, token) for found, token, _ in cells()} == set(product(FOUND, PRESENTED))


@pytest.mark.parametrize(("found", "token", "letter"), cells())
def test_admit(found, token, letter):
    admission = admit(PRESENTED[token], FOUND[found], NOW, ROTATION)
    assert (admission.verdict, admission.reason, admission.standing) == MEANING[letter]
    assert admission.admitted == (letter in "CNP")
    assert (admission.evidence is not None) == (letter == "R")


def test_both_deadlines_at_once_count_as_the_absolute_one():
    record = make_record(last_seen_at=T0, idle=100.0, absolute_at=T0 + 100.0)
    assert admit(THIRD, record, T0 + 106, ROTATION).reason is Reason.ABSOLUTE_TIMEOUT


@pytest.mark.parametrize(
    ("token", "age", "one_step_back"),
    [(SECOND, GRACE + 1, True), (FIRST, GRACE + 1, False), (FIRST, 3.0, False), (FIRST, -50.0, False)],
)
def test_the_evidence_of_a_reuse(token, age, one_step_back):
    admission = admit(token, make_record(chain=chain_at_third()), T0 + age, ROTATION)
    assert admission.evidence == Evidence(
        presented=token.generation, current=3, age=max(0.0, age), one_step_back=one_step_back
    )


def test_a_tombstone_without_a_family_tells_nobody_anything():
    stone = make_record().entomb(Reason.REVOKED, NOW)
    anonymous = type(stone)(id=stone.id, reason=stone.reason, at=stone.at)
    assert admit(THIRD, anonymous, NOW, ROTATION) == UNKNOWN


@given(pair=records_with_tokens(), now=moments, kind=st.sampled_from(["record", "tombstone", "none"]))
def test_admit_is_total(pair, now, kind):
    record, token = pair
    found = {"record": record, "tombstone": record.entomb(Reason.REVOKED, now), "none": None}[kind]
    admission = admit(token, found, now, ROTATION)
    assert isinstance(admission, Admission)
    if kind != "record":
        assert not admission.admitted
    known = (record.chain.family_digest, record.chain.former_family_digest or b"")
    if not any(token.is_authentic(family) for family in known):
        assert admission == UNKNOWN
    assert (admission.verdict is Verdict.END) == (admission.standing is Standing.RETIRED)


@given(pair=records_with_tokens(), now=moments, later=st.floats(0, 1e6))
def test_waiting_never_makes_an_expired_session_good(pair, now, later):
    record, token = pair
    timeouts = {Reason.IDLE_TIMEOUT, Reason.ABSOLUTE_TIMEOUT}
    if admit(token, record, now, ROTATION).reason in timeouts:
        assert admit(token, record, now + later, ROTATION).reason in timeouts


# --- settle: every combination of facts against a table of outcomes ---

DATA = DataChange(sets={"cart": b"[1]"})
AMR = ("pwd", "otp")
OLD_IDS = ("a" * 32, "b" * 32)


class Drawn:
    """Entropy that draws the same token and the same key every time."""

    def token_bytes(self, size):
        return {28: b"s" * 28, 32: OTHER_KEY}[size]


RENEWED = THIRD.renewed(4, Drawn())
TOKENS = {Standing.CURRENT: THIRD, Standing.NEXT: FOURTH, Standing.PREVIOUS: SECOND, None: None}
QUIET = T0 + 60.0  # one touch interval after the last activity

FACTS = {
    "ended": (False, True),
    "began": (False, True),
    "stored": (True, False),
    "status": (200, 303, 399, 400, 404, 499, 500, 503),
    "data": (NO := DataChange(), DATA),
    "standing": tuple(TOKENS),
    "authenticated": (None, AMR),
    "seen": (None, T0 + 1, QUIET, T0 + 1700, T0 - 1),
    "cacheable": (False, True),
    "rotation_due": (False, True),
}
TIMING = {None: Touch.NONE, T0 - 1: Touch.NONE, T0 + 1: Touch.HELD, QUIET: Touch.SOON, T0 + 1700: Touch.NOW}


def expected_of(case):
    """What must happen, as words: the rows of the specification from the first that fits."""
    fine, broken, changed = case["status"] < 400, case["status"] >= 500, bool(case["data"])
    if case["ended"]:
        return {"cookie clear"}
    if not case["stored"]:
        return {"cookie set", "create"} if changed and not broken else set()
    if case["began"]:
        signed_in = {"cookie set", "end superseded"} | ({"write data"} if changed else set())
        return signed_in if fine else {"end revoked"}
    words = {"write data"} if changed and not broken else set()
    if case["authenticated"] and fine:
        words |= {"write elevation", "end all grants"}
        words |= {"cookie set", "hand out the fresh token"} if case["standing"] else set()
    elif case["standing"] is Standing.NEXT:
        words.add("write commit")
    offered = case["standing"] is Standing.CURRENT and case["rotation_due"] and not case["cacheable"]
    if offered and "write elevation" not in words:
        words.add("offer")
    written = any(word.startswith("write") for word in words)
    return words | activity_of(case["seen"], written=written)


ENDED = {
    "superseded": tuple(Ending(id, Reason.SUPERSEDED, T0 + 2000) for id in OLD_IDS),
    "revoked": (Ending(THIRD.id, Reason.REVOKED, T0 + 2000),),
}


def activity_of(seen, *, written):
    timing = TIMING[seen]
    if (written and seen is not None) or timing is Touch.NOW:
        return {"write activity"}
    return set() if timing is Touch.NONE else {f"touch {timing.value}"}


def words_of(decided: Plan):
    change = decided.change
    commit = change.commit if change else None
    said = {
        f"cookie {decided.cookie.value}": decided.cookie is not Cookie.KEEP,
        "create": decided.create,
        "end superseded": decided.endings == ENDED["superseded"],
        "end revoked": decided.endings == ENDED["revoked"],
        "offer": decided.offer,
        f"touch {decided.touch.value}": decided.touch is not Touch.NONE,
        "hand out the fresh token": decided.renewed == RENEWED,
        "write data": change is not None and change.data == DATA,
        "write activity": change is not None and change.seen_at is not None,
        "write elevation": commit is not None and commit.authenticated is not None,
        "end all grants": change is not None and change.grants == NO_GRANTS,
        "write commit": commit is not None and commit.authenticated is None,
    }
    return {word for word, holds in said.items() if holds}


def test_settle_over_its_whole_input_space():
    for facts in product(*FACTS.values()):
        case = dict(zip(FACTS, facts, strict=True))
        committed_at = T0 + 2000 - (ROTATION.period if case["rotation_due"] else GRACE)
        record = make_record(chain=chain_at_third(committed_at), last_seen_at=T0) if case["stored"] else None
        visit = Visit(
            record=record,
            standing=case["standing"],
            token=TOKENS[case["standing"]],
            data=case["data"],
            seen_at=case["seen"],
            status=case["status"],
            cacheable=case["cacheable"],
            began=case["began"],
            ended=case["ended"],
            authenticated=case["authenticated"],
            replaced=OLD_IDS,
        )
        decided = settle(visit, T0 + 2000, LIFETIMES, draw(visit, Drawn()))
        assert words_of(decided) == expected_of(case), case
        assert decided.change is None or decided.change, "an empty change is no change"
        if record and not (case["data"] or case["began"] or case["ended"] or case["authenticated"]):
            quiet = plan.routine(record, case["standing"], case["seen"], T0 + 2000, LIFETIMES)
            assert quiet is None or quiet == decided, "the short way leads where the long one does"


def settled(now=T0 + 2000, **facts):
    visit = Visit(**({"record": make_record()} | facts))
    return settle(visit, now, LIFETIMES, draw(visit, Drawn()))


def test_a_commit_moves_to_the_presented_successor():
    record = make_record(chain=chain_at_third(former_family_digest=FORMER.family_digest))
    change = settled(record=record, standing=Standing.NEXT, token=FOURTH).change
    assert change.commit.expected == THIRD.digest
    assert change.commit.authenticated is None
    assert change.commit.chain == record.chain.commit(FOURTH, T0 + 2000, OTHER_KEY)


@pytest.mark.parametrize("standing", [Standing.CURRENT, Standing.NEXT, Standing.PREVIOUS])
@pytest.mark.parametrize(("remember", "absolute"), [(False, 43_200.0), (True, 30 * 86_400.0)])
def test_authentication_moves_to_the_fresh_token_whatever_was_presented(standing, remember, absolute):
    record = make_record(remember=remember)
    decided = settled(record=record, standing=standing, token=TOKENS[standing], authenticated=AMR)
    commit = decided.change.commit
    assert commit.expected == THIRD.digest
    assert commit.chain == record.chain.authenticate(RENEWED, T0 + 2000, OTHER_KEY)
    assert commit.authenticated == Elevation(at=T0 + 2000, amr=AMR, absolute_at=T0 + 2000 + absolute)


def test_authentication_with_another_carrier_hands_out_no_cookie_and_supersedes_the_one_there_is():
    decided = settled(authenticated=AMR)
    assert (decided.cookie, decided.renewed) == (Cookie.KEEP, None)
    chain = decided.change.commit.chain
    assert (chain.generation, chain.former_family_digest) == (4, THIRD.family_digest)
    assert decided.change.commit.authenticated.amr == AMR


def test_authentication_counts_even_without_a_method():
    """An app that names no method (RFC 8176) has still asked for the password."""
    assert settled(standing=Standing.CURRENT, token=THIRD, authenticated=()).renewed == RENEWED


def test_only_what_moves_the_chain_draws_randomness():
    record = make_record()
    assert draw(Visit(record, Standing.NEXT, FOURTH), Drawn()) == Move(FOURTH, OTHER_KEY)
    moved = Visit(record, Standing.CURRENT, THIRD, authenticated=AMR)
    assert draw(moved, Drawn()) == Move(RENEWED, OTHER_KEY, AMR)
    for still in (
        Visit(record, Standing.CURRENT, THIRD),
        Visit(record, Standing.PREVIOUS, SECOND),
        Visit(record, Standing.CURRENT, THIRD, status=400, authenticated=AMR),
    ):
        assert draw(still, Drawn()) is None


def test_a_standing_without_its_token_commits_nothing():
    assert settled(standing=Standing.NEXT).change is None


visits = st.builds(
    Visit,
    record=st.none() | records_with_tokens().map(lambda pair: pair[0]),
    standing=st.sampled_from([None, *Standing]),
    token=st.none() | any_token,
    data=st.sampled_from([DataChange(), DATA, DataChange(deletes=frozenset({"x"}))]),
    seen_at=st.none() | moments,
    status=st.integers(100, 599),
    cacheable=st.booleans(),
    began=st.booleans(),
    ended=st.booleans(),
    authenticated=st.none() | st.just(AMR),
)


@given(visit=visits, now=moments)
def test_settle_is_total(visit, now):
    decided = settle(visit, now, LIFETIMES, draw(visit, Drawn()))
    assert (decided.cookie is Cookie.CLEAR) == visit.ended
    if visit.status >= 500:
        assert decided.change is None or not decided.change.data
    if visit.status >= 400:
        assert decided.renewed is None
        assert decided.cookie is not Cookie.SET or decided.create
    if visit.cacheable:
        assert not decided.offer


# --- offers ---


@pytest.mark.parametrize(
    ("token", "since", "due", "cacheable", "offered"),
    [
        (THIRD, ROTATION.period, False, False, True),
        (THIRD, ROTATION.period - 0.001, False, False, False),
        (THIRD, GRACE + 0.001, True, False, True),
        (THIRD, GRACE, True, False, False),
        (THIRD, ROTATION.period, False, True, False),
        (None, ROTATION.period, False, False, False),
        (FOURTH, ROTATION.period, False, False, False),
        (SECOND, 0.0, True, False, False),
        (SECOND, ROTATION.period, False, False, False),
        (FIRST, ROTATION.period, True, False, False),
        (STRANGER, ROTATION.period, True, False, False),
    ],
)
def test_only_the_holder_of_the_current_token_is_offered_the_next(token, since, due, cacheable, offered):
    record = make_record(chain=chain_at_third(due=due))
    visit = Visit(record=record, token=token, cacheable=cacheable)
    assert may_offer(visit, record, T0 + since, ROTATION) is offered


# --- admit again ---


@pytest.mark.parametrize(
    ("token", "opened_after", "verdict", "reason"),
    [
        (FIRST, -0.001, Verdict.REFUSE, Reason.SUPERSEDED),  # both commits came while it was under way
        (FIRST, 0.0, Verdict.END, Reason.TOKEN_REUSED),
        (SECOND, -1000.0, Verdict.ADMIT, None),
        (THIRD, -0.001, Verdict.ADMIT, None),
        (STRANGER, -0.001, Verdict.REFUSE, Reason.UNKNOWN_TOKEN),
    ],
)
def test_what_happened_while_a_request_was_under_way_accuses_nobody(token, opened_after, verdict, reason):
    record = make_record(chain=chain_at_third(0))
    opened_at = record.chain.committed_at + opened_after
    again = plan.admit_again(token, record, opened_at, ROTATION)
    assert (again.verdict, again.reason) == (verdict, reason)


def test_constants_of_refusal():
    assert (NOBODY.admitted, UNKNOWN.admitted) == (False, False)
    assert (plan.FIRST_CLIENT_ERROR, plan.FIRST_SERVER_ERROR) == (400, 500)


def test_a_cookie_s_repr_says_what_it_does_and_hides_the_token():
    assert repr(plan.CookieChange(THIRD.text, 60)) == "<CookieChange set>"
    assert repr(plan.CookieChange(None)) == "<CookieChange delete>"
