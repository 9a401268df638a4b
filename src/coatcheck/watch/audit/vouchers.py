"""Vouchers: what statements promise of entries, and which of them they say are gone for their age."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from coatcheck.core.ledger import Entry
from coatcheck.watch.audit.statements import CHECKPOINT, Mark, Statement, own_mark


class Keys(Protocol):
    """The keys that may sign what the ledger says of itself; see `signing`."""

    def have_signed(self, body: Mapping[str, Any]) -> bool:
        """Tell whether one of them has signed a body."""
        ...  # pragma: no cover


@dataclass(slots=True)
class _Heard:
    """What was said, all of it by whoever is believed equally.

    Attributes:
        promised: Entries that must be there: what everybody said about each, for two may disagree.
        begins: The last entries that went, by their chain.
        gone_before: What happened before this moment may be gone.
    """

    promised: dict[tuple[str, int], tuple[Mark, ...]] = field(default_factory=dict)
    begins: dict[str, Mark] = field(default_factory=dict)
    gone_before: float = float("-inf")

    def add(self, statement: Statement) -> None:
        for chain, mark in statement.chains.items():
            if statement.event == CHECKPOINT:
                self.promise(chain, mark)
            elif chain not in self.begins or self.begins[chain].seq < mark.seq:
                self.begins[chain] = mark
        self.gone_before = max(self.gone_before, statement.before or self.gone_before)

    def promise(self, chain: str, mark: Mark) -> None:
        marks = self.promised.get((chain, mark.seq), ())
        if mark not in marks:
            self.promised[chain, mark.seq] = (*marks, mark)

    def excuses(self, chain: str, mark: Mark, chains: Collection[str]) -> bool:
        """Tell whether an entry may be gone: only what was old enough by what was promised of it."""
        begins = self.begins.get(chain)
        is_cut = chain not in chains or (begins is not None and mark.seq <= begins.seq)
        return is_cut and mark.at < self.gone_before


class Vouchers:
    """What all statements say together.

    What stands in an anchor or is signed is believed to the letter. What only the database says excuses
    nothing that those promise, and where there is an anchor only that says what retention took: whoever
    writes the database could write all of it.

    Args:
        keys: With them, only what they have signed is heard.

    Attributes:
        count: How many statements were heard.
        until: The moment of the newest; None before the first.
    """

    def __init__(self, keys: Keys | None) -> None:
        self.keys = keys
        self.count = 0
        self.until: float | None = None
        self._sure = _Heard()
        self._said = _Heard()
        self._has_anchor = False
        self._signing_chains: set[str] = set()

    def hear(self, body: Mapping[str, Any], *, is_anchor: bool = False) -> bool:
        """Take a statement at its word; tell whether it is one, and signed where that is asked for."""
        try:
            statement = Statement.read(body)
        except msgspec.ValidationError:
            return False
        if self.keys and not self.keys.have_signed(body):
            return False
        self.count += 1
        self._has_anchor |= is_anchor
        self.until = max(self.until or statement.at, statement.at)
        heard = self._sure if is_anchor or self.keys else self._said
        heard.add(statement)
        if stands := own_mark(body):
            heard.promise(*stands)
            self._signing_chains.add(stands[0])
        return True

    def beginning(self, chain: str) -> Mark | None:
        """Return the last entry of a chain that is gone for its age, and says what comes next."""
        heard = self._sure if self.keys or self._has_anchor else self._said
        return heard.begins.get(chain)

    def is_signed(self, chain: str) -> bool:
        """Tell whether the worker that wrote a chain has signed for it, where that is asked for."""
        return not self.keys or chain in self._signing_chains or chain in self._sure.begins

    def recall(self, entry: Entry) -> bool | None:
        """Tell whether an entry is what it was promised to be, by everybody; None if nobody did."""
        place = (entry.chain, entry.seq)
        marks = self._sure.promised.pop(place, ()) + self._said.promised.pop(place, ())
        return all(mark.digest == entry.digest.hex() for mark in marks) if marks else None

    def unkept(self, chains: Collection[str]) -> Iterator[tuple[str, Mark]]:
        """Yield what was promised and was not recalled, though nothing says that it may be gone.

        Args:
            chains: Those that there are.
        """
        excuses = {id(self._sure): [self._sure], id(self._said): [self._sure, self._said]}
        for heard in (self._sure, self._said):
            for (chain, _), marks in heard.promised.items():
                mark = max(marks, key=lambda mark: mark.at)
                if not any(each.excuses(chain, mark, chains) for each in excuses[id(heard)]):
                    yield chain, mark
