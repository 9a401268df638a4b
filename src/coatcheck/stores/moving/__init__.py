"""From one store to another while both are in use: nobody is signed out, and nothing ended revives."""

from coatcheck.stores.moving.store import MovingStore
from coatcheck.stores.moving.walk import Tally, Walk

__all__ = ["MovingStore", "Tally", "Walk"]
