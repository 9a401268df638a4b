"""A grant: what its tokens are to it, and how a record keeps several."""

import msgspec
import pytest

from coatcheck.core import chain as chains
from coatcheck.core import grant as kept
from coatcheck.core.chain import Standing
from coatcheck.core.change import Change, Regrant, apply
from coatcheck.core.grant import MAX_GRANTS, Grant
from coatcheck.core.token import Token, another
from coatcheck.testing import SeededEntropy
from tests.core.support import FIRST, KEY, OTHER_KEY, ROTATION, T0, make_record

R0 = another(FIRST.id, SeededEntropy("a grant"))
R1 = R0.successor(KEY)
R2 = R1.successor(OTHER_KEY)
GRANT = Grant(chain=chains.start(R0, T0, KEY))
GRACE = ROTATION.grace


def standing(grant: Grant, token: Token, since: float = 0.0) -> Standing:
    return grant.standing(token, T0 + since, ROTATION)


def test_its_tokens_are_of_the_session_and_of_a_family_of_their_own():
    assert R0.id == FIRST.id
    assert not R0.is_authentic(FIRST.family_digest)
    assert GRANT.id == R0.family_digest.hex()[:16]
    assert standing(GRANT, FIRST) is Standing.FOREIGN
    assert repr(GRANT) == f"<Grant {GRANT.id}, <Chain at generation 1>>"


def test_until_its_successor_arrived_the_current_token_stays_current():
    assert standing(GRANT, R0, 1e6) is Standing.CURRENT
    assert standing(GRANT, R1, 1e6) is Standing.NEXT


def test_once_an_access_token_of_the_successor_was_used_the_current_one_is_retired():
    confirmed = GRANT.confirmed(2, T0 + 100)
    assert confirmed == Grant(chain=GRANT.chain, confirmed_at=T0 + 100)
    assert standing(confirmed, R0, 100 + GRACE) is Standing.PREVIOUS
    assert standing(confirmed, R0, 101 + GRACE) is Standing.RETIRED
    assert standing(confirmed, R1, 101 + GRACE) is Standing.NEXT
    assert standing(confirmed, FIRST, 100) is Standing.FOREIGN


@pytest.mark.parametrize("step", [0, 1, 3])
def test_an_access_token_of_another_step_confirms_nothing(step):
    assert GRANT.confirmed(step, T0) is None


def test_what_was_confirmed_once_stays_confirmed_at_that_moment():
    assert GRANT.confirmed(2, T0).confirmed(2, T0 + 50) is None


def test_a_commit_counts_from_the_moment_the_successor_is_known_to_have_arrived():
    assert GRANT.committed(R1, T0 + 500, OTHER_KEY).chain.committed_at == T0 + 500
    confirmed = GRANT.confirmed(2, T0 + 100)
    after = confirmed.committed(R1, T0 + 500, OTHER_KEY)
    assert (after.chain.committed_at, after.confirmed_at) == (T0 + 100, None)
    assert standing(after, R1, 500) is Standing.CURRENT
    assert standing(after, R2, 500) is Standing.NEXT
    assert standing(after, R0, 500) is Standing.RETIRED
    assert standing(GRANT.committed(R1, T0 + 500, OTHER_KEY), R0, 500 + GRACE) is Standing.PREVIOUS


def test_nothing_is_offered_while_the_previous_token_counts():
    assert not GRANT.may_offer(T0 + GRACE, ROTATION)
    assert GRANT.may_offer(T0 + GRACE + 0.1, ROTATION)


def test_a_grants_stamps_are_finite():
    complaint = "^the stamps of a grant are finite numbers$"
    for stamps in ({"confirmed_at": float("nan")}, {"confirmed_at": float("inf")}):
        with pytest.raises(ValueError, match=complaint):
            Grant(chain=GRANT.chain, **stamps)
    with pytest.raises(ValueError, match=complaint):
        Grant(chain=msgspec.structs.replace(GRANT.chain, committed_at=float("nan")))


def grants(number: int) -> kept.Grants:
    made = (another(FIRST.id, SeededEntropy(seed)) for seed in range(number))
    return tuple(Grant(chain=chains.start(token, T0, KEY)) for token in made)


def test_the_oldest_of_ten_makes_room():
    ten = grants(MAX_GRANTS)
    assert kept.add(ten[:9], ten[9]) == ten
    assert kept.add(ten, GRANT) == (*ten[1:], GRANT)


def test_a_grant_is_found_and_replaced_by_its_id():
    several = grants(3)
    assert kept.find(several, several[1].id) is several[1]
    assert kept.find(several, GRANT.id) is None
    moved = several[1].confirmed(2, T0)
    assert kept.replace(several, moved) == (several[0], moved, several[2])


def test_grants_are_packed_the_same_way_each_time_and_read_back():
    several = (*grants(2), GRANT.confirmed(2, T0))
    assert kept.unpack(kept.pack(several)) == several
    assert kept.pack(kept.unpack(kept.pack(several))) == kept.pack(several)
    assert (kept.pack(()), kept.unpack(b"")) == (b"", ())
    for damaged in (b"\x91", kept.pack(several)[:-1], b"\x91\x80", b"\xc3"):
        with pytest.raises(ValueError, match=r"\w"):
            kept.unpack(damaged)


def test_a_move_of_grants_counts_only_on_what_its_writer_saw():
    record = make_record(grants=grants(2))
    seen = record.grants
    assert apply(record, Change(grants=Regrant((GRANT,), seen))).grants == (GRANT,)
    assert apply(record, Change(grants=Regrant((GRANT,), ()))).grants == seen
    assert apply(record, Change(grants=Regrant((GRANT,)))).grants == (GRANT,)
    assert apply(record, Change(seen_at=T0)).grants == seen
    assert bool(Change(grants=Regrant(())))
