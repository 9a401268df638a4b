"""What has moved for good, so that nobody need ask again."""

MOST = 100_000


class Remembered:
    """A set of ids that forgets everything when it is full: what was known is then asked again."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._ids: set[str] = set()

    def __contains__(self, id: str) -> bool:
        return id in self._ids

    def add(self, id: str) -> None:
        """Remember an id."""
        if len(self._ids) >= self._most:
            self._ids.clear()
        self._ids.add(id)
