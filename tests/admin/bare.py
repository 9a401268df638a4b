"""A store that can do what every store must, and nothing else."""

from coatcheck.stores import MemoryStore

VERBS = ("create", "load", "save", "touch", "end", "delete", "user", "bump", "sweep", "close")


class BareStore:
    """Keeps everything in a `MemoryStore`, of whose skills it has none."""

    def __init__(self):
        inner = MemoryStore()
        for verb in VERBS:
            setattr(self, verb, getattr(inner, verb))
