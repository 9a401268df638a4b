"""Do two sets of timings come from one source? The Mann-Whitney U test, which asks nothing of their shape."""

import math
from collections.abc import Sequence

STRICT = 1e-7  # among ten million honest runs one would be accused


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """Return how likely samples at least so far apart are if nothing tells their sources apart.

    Two-sided, by the normal approximation: good from some ten samples each.
    """
    n, m = len(first), len(second)
    smaller = sum((a < b) + (a == b) / 2 for a in first for b in second)
    deviation = abs(smaller - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(deviation / math.sqrt(2))
