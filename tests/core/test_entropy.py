"""The system's entropy."""

from coatcheck.core.entropy import SystemEntropy


def test_bytes_of_the_asked_size_that_do_not_repeat():
    entropy = SystemEntropy()
    drawn = {entropy.token_bytes(28) for _ in range(100)}
    assert {len(each) for each in drawn} == {28}
    assert len(drawn) == 100
