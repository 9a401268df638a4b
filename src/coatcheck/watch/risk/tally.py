"""How often each feature was seen: counts along paths, so that a network is counted within its provider."""

from collections.abc import Iterable, Mapping

from coatcheck.watch.risk.features import Path

SEPARATOR = "\x1f"  # in nothing that a client says: `describe` takes control characters out
SIGN_INS = "sign-ins"


class Tally:
    """Counts of sign-ins, of one user or of everyone. Past the limit all are halved, so old habits fade.

    Args:
        counts: What was counted before.
        limit: Sign-ins at which all counts are halved; what was seen once is forgotten then.
    """

    def __init__(self, counts: Mapping[str, int] | None = None, *, limit: int) -> None:
        self.counts = dict(counts or {})
        self._limit = limit
        self._kinds = _kinds(self.counts)

    @property
    def sign_ins(self) -> int:
        """How many sign-ins are counted."""
        return self.counts.get(SIGN_INS, 0)

    def add(self, paths: Mapping[str, Path]) -> None:
        """Count a sign-in."""
        if self.sign_ins >= self._limit:
            self.counts = {node: count // 2 for node, count in self.counts.items() if count > 1}
            self._kinds = _kinds(self.counts)
        self._count(SIGN_INS)
        for name, path in paths.items():
            for node in nodes(name, path):
                self._count(node)

    def of(self, node: str) -> int:
        """Return how often a node was seen."""
        return self.counts.get(node, 0)

    def kinds(self, node: str) -> int:
        """Return how many different things were seen below a node."""
        return self._kinds.get(node, 0)

    def _count(self, node: str) -> None:
        if node not in self.counts:
            parent = _parent(node)
            self._kinds[parent] = self._kinds.get(parent, 0) + 1
        self.counts[node] = self.counts.get(node, 0) + 1


def nodes(name: str, path: Path) -> list[str]:
    """Return the nodes along a path, from its root."""
    return [SEPARATOR.join((name, *path[:depth])) for depth in range(len(path) + 1)]


def _kinds(found: Iterable[str]) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for node in found:
        parent = _parent(node)
        kinds[parent] = kinds.get(parent, 0) + 1
    return kinds


def _parent(node: str) -> str:
    return node.rpartition(SEPARATOR)[0]
