"""Sealing: what opens where, and with which keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck import ConfigurationError
from coatcheck.stores.sealed import Sealer
from coatcheck.testing import SeededEntropy

ENTROPY = SeededEntropy("sealing")
OLD, NEW = ENTROPY.token_bytes(32), ENTROPY.token_bytes(32)
SEALER = Sealer([OLD], ENTROPY)


@given(plain=st.binary(max_size=200), place=st.text(max_size=40))
def test_what_is_sealed_opens_in_its_place_and_in_no_other(plain, place):
    sealed = SEALER.seal(plain, place)
    assert SEALER.open(sealed, place) == plain
    assert SEALER.open(sealed, place + "x") is None
    assert SEALER.seal(plain, place) != sealed


def test_a_sealed_value_that_was_changed_or_cut_opens_nowhere():
    sealed = SEALER.seal(b"coat", "hook 7")
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        assert SEALER.open(bytes(changed), "hook 7") is None
        assert SEALER.open(sealed[:index], "hook 7") is None
    assert b"coat" not in sealed


def test_after_a_rotation_the_old_key_opens_and_the_new_one_seals():
    sealed = SEALER.seal(b"coat", "hook 7")
    both = Sealer([NEW, OLD])
    assert both.open(sealed, "hook 7") == b"coat"
    assert not both.is_current(sealed)
    again = both.seal(b"coat", "hook 7")
    assert both.is_current(again)
    assert SEALER.open(again, "hook 7") is None


def test_keys_are_read_from_one_line_of_text():
    texts = ["qMUwcpSOHLlc0YwJDrOmqVhCZ2EMEPsZmEDbp9p3LVA=", "1nLW0SjDJ2X6CSMqdSZnxSaOBXl0fLMQmcSVa0sZ2vY"]
    both = Sealer.parse(" , ".join(texts))
    assert both.open(Sealer.parse(texts[1]).seal(b"coat", "hook"), "hook") == b"coat"
    assert repr(both) == "<Sealer with 2 keys>"


@pytest.mark.parametrize("keys", [[], [b"short"], [ENTROPY.token_bytes(64)], [bytes(32)]])
def test_no_key_and_weak_ones_are_refused(keys):
    with pytest.raises(ConfigurationError, match="openssl rand"):
        Sealer(keys)
