"""What rules remember: bounded, whatever an attacker sends."""

from collections import OrderedDict
from typing import Generic, TypeVar

KEYS = 10_000
"""Keys that one memory holds: some 2 MB where each holds a few values."""

ValueT = TypeVar("ValueT")


class Memory(Generic[ValueT]):
    """A value under each key. The key that was not put for longest makes room for a new one."""

    def __init__(self, keys: int = KEYS) -> None:
        self._values: OrderedDict[str, ValueT] = OrderedDict()
        self._keys = keys

    def get(self, key: str) -> ValueT | None:
        """Return the value under a key, if it is remembered."""
        return self._values.get(key)

    def put(self, key: str, value: ValueT) -> None:
        """Remember a value."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._keys:
            self._values.popitem(last=False)


class Window:
    """Distinct values under each key, each with when it was seen last; what is older is forgotten.

    Args:
        seconds: How long a value counts.
        values: How many values of one key are told apart; beyond, the oldest makes room.
        keys: How many keys are.
    """

    def __init__(self, seconds: float, values: int, keys: int = KEYS) -> None:
        self._seconds = seconds
        self._values = values
        self._memory: Memory[dict[str, float]] = Memory(keys)

    def add(self, key: str, value: str, at: float) -> dict[str, float]:
        """Note a value at a moment (seconds since the epoch); return those of the key that count."""
        seen = self.of(key, at)
        seen.pop(value, None)  # so that it becomes the youngest
        seen[value] = at
        if len(seen) > self._values:
            del seen[next(iter(seen))]
        self._memory.put(key, seen)
        return seen

    def of(self, key: str, at: float) -> dict[str, float]:
        """Return the values of a key that count at a moment, with when each was seen."""
        seen = self._memory.get(key) or {}
        return {value: since for value, since in seen.items() if at - since < self._seconds}

    def discard(self, key: str, value: str) -> None:
        """Take a value back."""
        if (seen := self._memory.get(key)) is not None:
            seen.pop(value, None)
