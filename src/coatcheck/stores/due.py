"""Keys in the order of their due times, for a sweeper that must not look at everything."""

import heapq


class DueQueue:
    """Moves no entry each time its key is put off.

    A deadline that moves later leaves its early entry in the heap; the entry is put right when it
    comes up. So a touch costs a dictionary write, and a sweep looks only at what may be due.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []
        self._due: dict[str, float] = {}
        self._queued: dict[str, float] = {}

    def put(self, key: str, due: float) -> None:
        """Set the due time of a key, in seconds since the epoch."""
        self._due[key] = due
        if due < self._queued.get(key, float("inf")):
            self._queued[key] = due
            heapq.heappush(self._heap, (due, key))

    def due(self, key: str) -> float:
        """Return the due time of a key, in seconds since the epoch."""
        return self._due[key]

    def discard(self, key: str) -> None:
        """Forget a key; its entry in the heap is ignored when it comes up."""
        self._due.pop(key, None)
        self._queued.pop(key, None)

    def take(self, before: float, limit: int) -> list[str]:
        """Remove and return at most `limit` keys due before `before`."""
        taken: list[str] = []
        while len(taken) < limit and self._heap and self._heap[0][0] < before:
            queued, key = heapq.heappop(self._heap)
            if self._queued.get(key) != queued:
                continue
            due = self._due.pop(key)
            del self._queued[key]
            if due < before:
                taken.append(key)
            else:
                self.put(key, due)
        return taken
