"""A cache of records in this process, in front of any store that tells what changed."""

from coatcheck.stores.near.cache import Limits
from coatcheck.stores.near.listening import STALENESS
from coatcheck.stores.near.measures import LIMITS, Measures
from coatcheck.stores.near.store import NearStore

__all__ = ["LIMITS", "STALENESS", "Limits", "Measures", "NearStore"]
