"""The chain: what each token is to it, by the table of protocol.md section 2."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core import chain as chains
from coatcheck.core.chain import Standing
from coatcheck.testing import SeededEntropy
from tests.core.support import (
    FIRST,
    FORMER,
    FOURTH,
    KEY,
    OTHER_KEY,
    ROTATION,
    SECOND,
    STRANGER,
    T0,
    THIRD,
    any_token,
    at_generation,
    chain_at_third,
    chains_of,
    keys,
    moments,
)

GRACE = ROTATION.grace
AGES = {"clock_back": -1000.0, "just_now": 0.0, "grace": GRACE, "past": GRACE + 0.001, "old": 5000.0}


@pytest.mark.parametrize("age", AGES.values(), ids=AGES)
@pytest.mark.parametrize("former", [None, FORMER.family_digest], ids=["signed_in", "reauthenticated"])
@pytest.mark.parametrize(
    ("token", "in_time", "too_late"),
    [
        (THIRD, "current", "current"),
        (FOURTH, "next", "next"),
        (SECOND, "previous", "retired"),
        (FIRST, "retired", "retired"),
        (at_generation(0), "retired", "retired"),
        (at_generation(2), "retired", "retired"),
        (at_generation(3), "ahead", "ahead"),
        (at_generation(4), "ahead", "ahead"),
        (at_generation(2**32 - 1), "ahead", "ahead"),
        (FORMER, "former", "former"),
        *((at_generation(generation, FORMER), "former", "former") for generation in (0, 2, 3, 9)),
        (STRANGER, "foreign", "foreign"),
    ],
)
def test_standing(token, in_time, too_late, former, age):
    expected = in_time if age <= GRACE else too_late
    if expected == "former" and former is None:
        expected = "foreign"
    chain = chain_at_third(former_family_digest=former)
    assert chain.standing(token, T0 + age, ROTATION) is Standing(expected)


def test_start_knows_one_token_and_its_successor():
    chain = chains.start(SECOND, T0, KEY)
    assert chain.digest == SECOND.digest
    assert chain.next_digest == THIRD.digest
    assert chain.next_key == KEY
    assert chain.family_digest == SECOND.family_digest
    assert (chain.generation, chain.former_family_digest) == (2, None)
    assert chain.previous_digest is None
    assert chain.committed_at == T0
    assert chain.due is False


def test_commit_remembers_one_step_and_keeps_both_families():
    started = chains.start(FIRST, T0, KEY)
    before = msgspec.structs.replace(started, due=True, former_family_digest=FORMER.family_digest)
    after = before.commit(SECOND, T0 + 900, OTHER_KEY)
    assert after.previous_digest == FIRST.digest
    assert after.digest == SECOND.digest == before.next_digest
    assert after.next_digest == SECOND.successor(OTHER_KEY).digest
    assert after.generation == 2
    assert after.committed_at == T0 + 900
    assert after.due is False, "the change elsewhere that was due is done"
    assert after.family_digest == before.family_digest
    assert after.former_family_digest == before.former_family_digest


def test_authentication_forgets_what_was_and_remembers_its_family():
    before = chain_at_third(former_family_digest=FORMER.family_digest)
    renewed = before.renewal(THIRD, SeededEntropy("renewed"))
    after = before.authenticate(renewed, T0 + 60, OTHER_KEY)
    started = chains.start(renewed, T0 + 60, OTHER_KEY)
    assert after == msgspec.structs.replace(started, former_family_digest=before.family_digest)
    assert after.generation == renewed.generation == 4
    assert after.previous_digest is None
    now = T0 + 60
    assert after.standing(renewed, now, ROTATION) is Standing.CURRENT
    for obsolete in (FIRST, SECOND, THIRD, FOURTH):
        assert after.standing(obsolete, now, ROTATION) is Standing.FORMER
    assert after.standing(FORMER, now, ROTATION) is Standing.FOREIGN, "one family back, and no further"


@given(generation=st.integers(0, 2**32 - 1), rotations=st.integers(0, 3))
def test_no_edit_of_a_superseded_token_is_more_than_superseded(generation, rotations):
    """A thief may claim any generation: only the family is vouched for, and a password changed that."""
    chain = chain_at_third().authenticate(THIRD.renewed(4, SeededEntropy("renewed")), T0 + 60, KEY)
    token = THIRD.renewed(4, SeededEntropy("renewed"))
    for _ in range(rotations):
        token = token.successor(chain.next_key)
        chain = chain.commit(token, T0 + 60, KEY)
    edited = at_generation(generation, THIRD)
    assert chain.standing(edited, T0 + 5000, ROTATION) is Standing.FORMER


@given(earlier=st.floats(0, 1e9))
def test_a_commit_is_never_older_than_the_one_before(earlier):
    chain = chains.start(FIRST, T0, KEY)
    assert chain.commit(SECOND, T0 - earlier, KEY).committed_at == T0
    assert chain.authenticate(SECOND, T0 - earlier, KEY).committed_at == T0


@pytest.mark.parametrize(
    ("since", "due", "expected"),
    [
        (-100.0, True, False),
        (0.0, True, False),
        (GRACE, True, False),
        (GRACE + 0.001, True, True),
        (GRACE + 0.001, False, False),
        (ROTATION.period - 0.001, False, False),
        (ROTATION.period, False, True),
        (ROTATION.period, True, True),
        (1e9, False, True),
    ],
)
def test_an_offer_is_due_after_the_period_or_a_privilege_change(since, due, expected):
    assert chain_at_third(due=due).offer_due(T0 + since, ROTATION) is expected


def test_one_step_back_is_the_direct_predecessor_only():
    chain = chain_at_third()
    assert chain.is_one_step_back(SECOND)
    assert not chain.is_one_step_back(FIRST)
    assert not chain.is_one_step_back(THIRD)
    assert not chains.start(THIRD, T0, KEY).is_one_step_back(SECOND)


@given(token=any_token, key=keys, now=moments)
def test_a_chain_knows_exactly_three_tokens(token, key, now):
    chain = chains.start(token, now, key)
    after = chain.commit(token.successor(key), now, key)
    walk = [token, token.successor(key), token.successor(key).successor(key)]
    assert [after.standing(t, now, ROTATION).value for t in walk] == ["previous", "current", "next"]
    assert after.standing(walk[2].successor(key), now, ROTATION) is Standing.AHEAD


@given(data=st.data(), token=any_token, presented=any_token, now=moments)
def test_standing_is_total(data, token, presented, now):
    chain = data.draw(chains_of(token))
    assert chain.standing(presented, now, ROTATION) in Standing
    assert chain.offer_due(now, ROTATION) in (True, False)
