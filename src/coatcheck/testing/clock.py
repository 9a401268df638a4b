"""Time that moves when a test says so."""

A_WINTER_EVENING = 1_700_000_000.0


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: float = A_WINTER_EVENING) -> None:
        self._now = start

    def now(self) -> float:
        """Return the current time in seconds since the epoch."""
        return self._now

    def advance(self, seconds: float) -> float:
        """Move by so many seconds, backwards if negative; return the new time."""
        self._now += seconds
        return self._now

    def set(self, now: float) -> None:
        """Jump to a moment, in seconds since the epoch."""
        self._now = now
