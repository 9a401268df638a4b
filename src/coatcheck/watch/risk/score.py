"""The score, after Freeman, Jain, Dürmuth, Biggio and Giacinto, "Who Are You?" (NDSS 2016).

They ask how much likelier a sign-in is an attacker's than its user's: for each feature x the ratio of
p(x), how common it is among everyone, to p(x | user), how common it is with this user. Features are paths,
such as country, provider, network, and each step is judged within the one before, so that a new network of
the usual provider is something else than a new country. Left out is their factor for how often a user signs
in at all: under one threshold for all it asks those who come rarely again and again (docs/decisions.md).

What was never seen has a probability too. Among everyone it gets one share more than there are kinds. With a
user it gets as many shares as the user has shown kinds, spread as everyone's are (Witten and Bell's
smoothing): who has used ten networks may well use an eleventh; who has used one will rather not. A user who
is not known at all is like everyone, so the first sign-in has a ratio of 1.
"""

from collections.abc import Mapping
from itertools import pairwise
from math import log10

import msgspec

from coatcheck.watch.risk.features import LEVELS, Path
from coatcheck.watch.risk.tally import Tally, nodes


class Score(msgspec.Struct, frozen=True):
    """How much likelier a sign-in is an attacker's than the user's.

    Attributes:
        value: Logarithm to base 10: at 1 it is ten times likelier, at -1 ten times less likely.
        known: Sign-ins of the user that it was compared with; with none the value says nothing.
        parts: What each level adds to the value, the largest first.
    """

    value: float
    known: int
    parts: tuple[tuple[str, float], ...]


def score(paths: Mapping[str, Path], user: Tally, everyone: Tally) -> Score:
    """Compare a sign-in with those of its user and of everyone."""
    parts = {}
    for name, path in paths.items():
        along = pairwise(nodes(name, path))
        for level, (parent, node) in zip(LEVELS[name], along, strict=True):
            parts[level] = log10(_ratio(parent, node, user, everyone))
    ordered = sorted(parts.items(), key=lambda part: part[1], reverse=True)
    return Score(sum(parts.values()), user.sign_ins, tuple(ordered))


def _ratio(parent: str, node: str, user: Tally, everyone: Tally) -> float:
    """Return how much commoner a step is among everyone than with the user."""
    common = (everyone.of(node) + 1) / (everyone.of(parent) + everyone.kinds(parent) + 1)
    unseen = max(1, user.kinds(parent))
    usual = (user.of(node) + unseen * common) / (user.of(parent) + unseen)
    return common / usual
