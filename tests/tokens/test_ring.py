"""The ring's timeline, by the clock alone."""

import pytest

from coatcheck import ConfigurationError
from coatcheck.testing import SeededEntropy
from coatcheck.tokens.key import generate
from coatcheck.tokens.ring import KeyPolicy, Ring, RingKey, State

ENTROPY = SeededEntropy("ring")
A, B, C = (generate("Ed25519", ENTROPY) for _ in range(3))
RING = Ring([RingKey(B, 90, 100), RingKey(A, 0, 0), RingKey(C, 190, 200)], keep=50)


@pytest.mark.parametrize(
    ("now", "states"),
    [
        (0, "signing next next"),
        (99, "signing next next"),
        (100, "verifying signing next"),
        (150, "verifying signing next"),
        (151, "spent signing next"),
        (200, "spent verifying signing"),
        (251, "spent spent signing"),
    ],
)
def test_a_key_is_published_before_it_signs_and_verifies_after_it_was_replaced(now, states):
    assert [RING.state(key.kid, now) for key in (A, B, C)] == [State(word) for word in states.split()]


def test_what_is_spent_is_neither_found_nor_published():
    assert RING.find(A.kid, 150) is A
    assert RING.find(A.kid, 151) is None
    assert RING.find("unknown", 0) is None
    assert [jwk["kid"] for jwk in RING.public(151)] == [B.kid, C.kid]
    assert [RING.signer(now).kid for now in (0, 100, 300)] == [A.kid, B.kid, C.kid]
    assert Ring([], keep=50).signer(0) is None


def test_a_ring_in_which_a_key_could_sign_before_it_is_known_is_refused():
    with pytest.raises(ConfigurationError, match="not shorter"):
        KeyPolicy(lead=30, reload=30)
    with pytest.raises(ConfigurationError, match="not generated"):
        KeyPolicy(algorithm="HS256")
