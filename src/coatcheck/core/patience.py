"""For how long workers wait: for a sign of life, before asking again, and so that not all act at once."""

from coatcheck.core.entropy import Entropy
from coatcheck.core.store import HEARTBEAT

SILENCE = 4 * HEARTBEAT  # a feed that says nothing for so many seconds is cut, whatever it believes
FIRST_PAUSE = 0.25  # seconds, at most, before a cut feed is asked for again
LONGEST_PAUSE = 4.0  # seconds, at most, while it stays cut
_MOST_DOUBLINGS = 10  # so that no number grows for as long as an outage lasts


def pause_after(
    failures: int, entropy: Entropy, *, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE
) -> float:
    """Return for how many seconds to leave somebody alone after so many failures in a row, one at least.

    Longer each time, from `first` to `longest` (seconds; as they come, those of a feed), and for each
    worker another: they must not all come back at once.
    """
    return jittered(min(longest, first * 2 ** min(failures - 1, _MOST_DOUBLINGS)), entropy)


def jittered(longest: float, entropy: Entropy) -> float:
    """Return between half of so many seconds and all of them, for each worker another."""
    return longest * (1 + entropy.token_bytes(1)[0] / 255) / 2
