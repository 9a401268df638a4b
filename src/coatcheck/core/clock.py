"""Time, as an argument. The only file that reads the system's clock."""

import time
from datetime import UTC, datetime
from typing import Protocol

_MONOTONIC = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Tells the time in seconds since 1970-01-01 UTC."""

    def now(self) -> float:
        """Return the current time in seconds since the epoch."""
        ...  # pragma: no cover


class SystemClock:
    """The machine's clock, which never runs backwards and counts a suspend.

    It advances by the boot-time clock and follows the wall clock forwards only: a wall clock
    that is set back extends no session within this process (ASVS 6.5.8, protocol property 6).
    """

    def __init__(self) -> None:
        self._offset = float("-inf")

    def now(self) -> float:
        """Return the current time in seconds since the epoch."""
        boot, wall = time.clock_gettime(_MONOTONIC), time.time()
        if wall > boot + self._offset:
            self._offset = wall - boot
        return boot + self._offset


def timestamp(at: float, utc: str = "Z") -> str:
    """Return a moment (seconds since the epoch) as ISO 8601, to the millisecond; `utc` is how UTC is said."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + utc
