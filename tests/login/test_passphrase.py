"""Generated passwords: long, easy to read out, and the rules accept them."""

import re

from coatcheck.login import PasswordPolicy
from coatcheck.login.passphrase import generate
from coatcheck.testing import SeededEntropy


class Bits:
    """Entropy with exactly these bits."""

    def __init__(self, value):
        self.value = value

    def token_bytes(self, size):
        return self.value.to_bytes(size, "big")


def test_it_is_four_groups_that_the_rules_accept():
    password = generate(SeededEntropy())
    assert re.fullmatch(r"[a-z2-7]{6}(-[a-z2-7]{6}){3}", password)
    assert PasswordPolicy().check(password) is None


def test_each_of_120_bits_counts():
    assert len({generate(Bits(1 << bit)) for bit in range(120)} | {generate(Bits(0))}) == 121
