"""Verifying: does every chain stand as it was written, and does it reach where it once had come?"""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from coatcheck.core.ledger import Entry, Ledger, Search, follow, genesis
from coatcheck.core.store import Store
from coatcheck.watch.audit.read import require_ledger
from coatcheck.watch.audit.statements import CHECKPOINT, FORGOTTEN, Mark, Statement

_BATCH = 1_000


class Keys(Protocol):
    """The keys that may sign what the ledger says of itself; see `signing`."""

    def have_signed(self, body: Mapping[str, Any]) -> bool:
        """Tell whether one of them has signed a body."""
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written.

    Attributes:
        chain: Where; empty where it is about none in particular.
        seq: At which entry.
        what: What is wrong with it.
    """

    chain: str
    seq: int
    what: str

    def __str__(self) -> str:
        return f"chain {self.chain}, entry {self.seq}: {self.what}" if self.chain else self.what


@dataclass(slots=True)
class Report:
    """What came of it.

    Attributes:
        entries: How many were read.
        heads: The last entry of each chain, as it was read.
        statements: How many checkpoints and other statements vouch for them, anchors among them.
        vouched_until: The moment of the newest of these; None if there is none.
        findings: What is wrong, nothing if the ledger is in order.
    """

    entries: int = 0
    heads: list[Entry] = field(default_factory=list)
    statements: int = 0
    vouched_until: float | None = None
    findings: list[Finding] = field(default_factory=list)


async def verify(
    store: Store,
    *,
    anchors: Iterable[Mapping[str, Any]] = (),
    keys: Keys | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005 - nobody looks
) -> Report:
    """Read the whole ledger; return what is wrong with it.

    Args:
        store: Has the skill `Ledger`.
        anchors: Checkpoints that were kept outside of the store.
        keys: With them, only what they have signed is believed, of anchors too.
        progress: Is told how many entries of how many were read.

    Raises:
        ConfigurationError: The store keeps no ledger.
        StoreUnavailable: It cannot be read.
    """
    ledger = require_ledger(store)
    report = Report()
    vouchers = _Vouchers(keys, report)
    for body in anchors:
        vouchers.hear(body, Finding("", 0, "a line of an anchor is no checkpoint, or not signed"))
    for name in (CHECKPOINT, FORGOTTEN):
        async for entry in _all(ledger, name):
            vouchers.hear(_body(entry), Finding(entry.chain, entry.seq, f"{name} is not signed, or damaged"))
    heads = {head.chain: head.seq for head in await ledger.heads()}
    walks = [_Walk(chain, vouchers, report) for chain in heads]
    total = sum(heads[walk.chain] - walk.seq for walk in walks)
    for walk in walks:
        while batch := await ledger.chain(walk.chain, walk.seq, _BATCH):
            for entry in batch:
                walk.step(entry)
            progress(report.entries, total)
        walk.finish()
    vouchers.finish(heads)
    report.findings.sort(key=lambda finding: (finding.chain, finding.seq))
    return report


async def _all(ledger: Ledger, name: str) -> AsyncIterator[Entry]:
    search, before = Search(name=name), None
    while batch := await ledger.find(search, before, _BATCH):
        for entry in batch:
            yield entry
        before = batch[-1].place


class _Vouchers:
    """What statements say: entries that must be there, and beginnings that may be gone."""

    def __init__(self, keys: Keys | None, report: Report) -> None:
        self._keys = keys
        self._report = report
        self._promised: dict[tuple[str, int], Mark] = {}
        self._begins: dict[str, Mark] = {}
        self._gone_before = float("-inf")

    def hear(self, body: Mapping[str, Any], doubt: Finding) -> None:
        """Take a statement at its word, if it is one, and signed where that is asked for."""
        try:
            statement = Statement.read(body)
        except msgspec.ValidationError:
            self._report.findings.append(doubt)
            return
        if self._keys and not self._keys.have_signed(body):
            self._report.findings.append(doubt)
            return
        self._report.statements += 1
        self._report.vouched_until = max(self._report.vouched_until or statement.at, statement.at)
        for chain, mark in statement.chains.items():
            if statement.event == CHECKPOINT:
                self._promised[chain, mark.seq] = mark
            elif chain not in self._begins or self._begins[chain].seq < mark.seq:
                self._begins[chain] = mark
        self._gone_before = max(self._gone_before, statement.before or self._gone_before)

    def beginning(self, chain: str) -> Mark | None:
        """Return the last entry of a chain that is gone for its age, and says what comes next."""
        return self._begins.get(chain)

    def kept(self, entry: Entry) -> bool:
        """Tell whether an entry is what it was promised to be."""
        promised = self._promised.pop((entry.chain, entry.seq), None)
        return promised is None or promised.digest == entry.digest.hex()

    def finish(self, chains: Collection[str]) -> None:
        """Tell of what was promised and is not there, though nothing says that it may be gone."""
        if self._keys and chains and not self._report.statements:
            self._report.findings.append(Finding("", 0, "nothing in it is signed"))
        for (chain, seq), mark in self._promised.items():
            begins = self._begins.get(chain)
            is_forgotten = (begins and seq <= begins.seq) or (
                chain not in chains and mark.at < self._gone_before
            )
            if not is_forgotten:
                what = "a checkpoint names it, and it is not there"
                self._report.findings.append(Finding(chain, seq, what))


class _Walk:
    """A walk along one chain."""

    def __init__(self, chain: str, vouchers: _Vouchers, report: Report) -> None:
        begins = vouchers.beginning(chain)
        self.chain = chain
        self.seq = begins.seq if begins else 0
        self._digest = bytes.fromhex(begins.digest) if begins else genesis(chain)
        self._last: Entry | None = None
        self._vouchers = vouchers
        self._report = report

    def step(self, entry: Entry) -> None:
        """Take the next entry."""
        self._report.entries += 1
        if entry.seq > self.seq + 1:
            what = f"the {entry.seq - self.seq - 1} before it are missing"
            self._find(entry, what)
        elif entry.digest != follow(self._digest, entry.text):
            self._find(entry, "it is not what was written there")
        if not self._vouchers.kept(entry):
            self._find(entry, "a checkpoint names another in its place")
        if not _says_what_its_text_says(entry):
            self._find(entry, "it is searched by what it does not say")
        self.seq, self._digest, self._last = entry.seq, entry.digest, entry

    def finish(self) -> None:
        """Note how far it came."""
        if self._last:
            self._report.heads.append(self._last)

    def _find(self, entry: Entry, what: str) -> None:
        self._report.findings.append(Finding(entry.chain, entry.seq, what))


def _says_what_its_text_says(entry: Entry) -> bool:
    body = _body(entry)
    said = (body.get("event"), body.get("at"), body.get("session_id"), body.get("user_id"))
    return said == (entry.name, entry.at, entry.session_id, entry.user_id)


def _body(entry: Entry) -> dict[str, Any]:
    try:
        return entry.body
    except msgspec.DecodeError:
        return {}
