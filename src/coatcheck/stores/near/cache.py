"""What is remembered: records, and ids that the store did not know; bounded, and forgotten when told."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock

import msgspec

from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import ABSENT, Absent

_RECORD_BYTES = 2_560  # what a record takes beside its data: 1,910 measured, and room for longer names


class Limits(msgspec.Struct, frozen=True):
    """How much one process remembers.

    Attributes:
        records: At most so many records.
        size: Of at most so many bytes together, estimated.
        absent: At most so many ids that the store did not know.
        age: Seconds after which either is read again. A feed tells what changes, not what vanishes: what a
            server evicted, or an operator deleted by hand.
    """

    records: int = 10_000
    size: int = 64 * 1024 * 1024
    absent: int = 10_000
    age: float = 60.0  # the default touch interval: one read more for each write that a session costs anyway


class _Load:
    """A read of the store that is under way."""

    __slots__ = ("began_at",)

    def __init__(self, began_at: float) -> None:
        self.began_at = began_at


class Cache:
    """Records by id, the one used longest ago first. Its methods may be called from any thread.

    What changes it takes a lock, for each does so in several steps. `look` takes none: its first step reads,
    its second only orders, and the interpreter runs each of them whole, for the keys are plain strings. So
    what it returns was remembered at that moment, whatever another thread does next. Where two threads
    count at once, one look may go uncounted.

    Attributes:
        hits: Looks that found something.
        misses: Looks that found nothing.
        invalidations: Records dropped because they changed.
        lapses: Times when everything had to be forgotten.
        size: Bytes that the records take, estimated.
    """

    def __init__(self, limits: Limits) -> None:
        self.hits = self.misses = self.invalidations = self.lapses = self.size = 0
        self._limits = limits
        self._age = limits.age
        self._records: OrderedDict[str, tuple[Record, float]] = OrderedDict()  # and when it was read
        self._absent: OrderedDict[str, float] = OrderedDict()
        self._loads: dict[str, _Load] = {}
        self._lock = Lock()

    @property
    def records(self) -> int:
        """How many records are remembered."""
        return len(self._records)

    @property
    def absent(self) -> int:
        """How many ids are remembered that the store did not know."""
        return len(self._absent)

    def look(self, id: str, now: float) -> Record | Absent | None:
        """Return what is remembered under an id and not too old by now, or None."""
        entry = self._records.get(id)
        if entry is None:
            read_at = self._absent.get(id)
            if read_at is not None and now - read_at <= self._age:
                self.hits += 1
                return ABSENT
            self.misses += 1
            return None
        if now - entry[1] > self._age:  # it stays in its place: the read that follows replaces it
            self.misses += 1
            return None
        try:  # noqa: SIM105 - `suppress` would take longer than all the rest
            self._records.move_to_end(id)
        except KeyError:  # dropped meanwhile
            pass
        self.hits += 1
        return entry[0]

    def begin(self, id: str, now: float) -> _Load:
        """Note that a read of the store begins; return what to come back with."""
        with self._lock:
            load = self._loads[id] = _Load(now)
            return load

    def finish(self, id: str, load: _Load, found: Record | Tombstone | None) -> None:
        """Remember what a read found, unless the session changed since it began.

        An ended session is not remembered: nobody is refused from here.
        """
        with self._lock:
            if self._loads.get(id) is not load:
                return
            del self._loads[id]
            self._forget(id)
            if isinstance(found, Record):
                self._records[id] = (found, load.began_at)
                self.size += size_of(found)
            elif found is None:
                self._absent[id] = load.began_at
            self._shrink()

    def abandon(self, id: str, load: _Load) -> None:
        """Note that a read failed."""
        with self._lock:
            if self._loads.get(id) is load:
                del self._loads[id]

    def drop(self, ids: Iterable[str]) -> None:
        """Forget sessions that changed, and what reads under way are about to find of them."""
        with self._lock:
            for id in ids:
                self._loads.pop(id, None)
                self.invalidations += self._forget(id)

    def touch(self, touches: Sequence[tuple[str, float]]) -> None:
        """Move the stamps of remembered records as the store has moved its own.

        They get no younger by it: a store says nothing of a touch to a row that it has not.
        """
        with self._lock:
            for id, seen_at in touches:
                self._loads.pop(id, None)
                entry = self._records.get(id)
                if entry and (touched := entry[0].touched(seen_at)):
                    self._records[id] = (touched, entry[1])

    def clear(self) -> None:
        """Forget everything, and what reads under way are about to find."""
        with self._lock:
            self._loads.clear()
            self._records.clear()
            self._absent.clear()
            self.size = 0

    def lapse(self) -> None:
        """Forget everything, because changes may have been missed."""
        self.lapses += 1
        self.clear()

    def _forget(self, id: str) -> bool:
        entry = self._records.pop(id, None)
        if entry is not None:
            self.size -= size_of(entry[0])
        elif id in self._absent:
            del self._absent[id]
        return entry is not None

    def _shrink(self) -> None:
        while len(self._records) > self._limits.records or self.size > self._limits.size:
            _, (record, _) = self._records.popitem(last=False)
            self.size -= size_of(record)
        while len(self._absent) > self._limits.absent:
            self._absent.popitem(last=False)


def size_of(record: Record) -> int:
    """Estimate how many bytes of memory a record takes."""
    return _RECORD_BYTES + len(record.data)
