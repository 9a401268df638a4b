from coatcheck.core.patience import FIRST_PAUSE, LONGEST_PAUSE, pause_after
from coatcheck.testing import SeededEntropy


def test_pauses_grow_to_a_limit_and_differ_between_workers():
    one, other = (
        [pause_after(cuts, entropy) for cuts in range(1, 2000, 100)]
        for entropy in (SeededEntropy(1), SeededEntropy(2))
    )
    assert one != other
    for cuts, pause in zip(range(1, 2000, 100), one, strict=True):
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(cuts - 1, 20))
        assert longest / 2 <= pause <= longest
