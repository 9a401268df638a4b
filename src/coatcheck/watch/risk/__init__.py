"""How much a sign-in looks like its user's, and how much like an attack."""

from coatcheck.watch.risk.risk import Risk
from coatcheck.watch.risk.score import Score

__all__ = ["Risk", "Score"]
