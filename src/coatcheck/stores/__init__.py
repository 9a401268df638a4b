"""Where records live: stores that never see each other."""

from coatcheck.stores.memory import MemoryStore

__all__ = ["MemoryStore"]
