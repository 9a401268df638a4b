"""Activity stamps: when one must reach the store (protocol.md section 1)."""

from enum import Enum

from coatcheck.core.lifetimes import Lifetimes
from coatcheck.core.record import Record


class Touch(Enum):
    """When an activity stamp must reach the store."""

    NONE = "none"
    HELD = "held"
    SOON = "soon"
    NOW = "now"

    __hash__ = object.__hash__  # each member is one object; Enum's own hash is a call in Python


# As names of the module, read elsewhere as `touch.NOW`: 3 ns more than a bare name, where Python 3.11
# takes 70 ns to find a member in its class. Every request asks for two.
NONE, HELD, SOON, NOW = Touch


def touch_timing(record: Record, seen_at: float | None, lifetimes: Lifetimes) -> Touch:
    """Decide when activity at `seen_at` must reach the store.

    The first activity after a quiet interval goes at once, later ones are held until the interval
    ends; close to the idle deadline nothing is held, so no other worker can end an active session.
    """
    if seen_at is None or not record.accepts_touch(seen_at):
        return NONE
    interval = touch_interval(record, lifetimes)
    if record.last_seen_at + record.idle - seen_at <= 2 * interval:
        return NOW
    return SOON if seen_at - record.last_seen_at >= interval else HELD


def touch_interval(record: Record, lifetimes: Lifetimes) -> float:
    """Return the seconds between two stored activity stamps of a session: at most a tenth of its idle."""
    longest = record.idle / 10
    if longest < lifetimes.touch_interval:  # faster than min(), and every active request asks twice
        return longest
    return lifetimes.touch_interval
