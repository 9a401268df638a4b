"""Verifying: does every chain stand as it was written, and does it reach where it once had come?"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from coatcheck.core.ledger import Entry, Ledger, Search
from coatcheck.core.store import Store
from coatcheck.watch.audit.chain import said
from coatcheck.watch.audit.read import require_ledger
from coatcheck.watch.audit.statements import STATEMENTS
from coatcheck.watch.audit.vouchers import Keys, Vouchers
from coatcheck.watch.audit.walk import Walk

_BATCH = 1_000


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

    def find(self, chain: str, seq: int, *wrong: str) -> None:
        """Note what is wrong with an entry."""
        self.findings += [Finding(chain, seq, what) for what in wrong]


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
    vouchers = await _hear(ledger, anchors, keys, report)
    heads = {head.chain: head.seq for head in await ledger.heads()}
    walks = [Walk(chain, vouchers) for chain in heads]
    total = sum(heads[walk.chain] - walk.seq for walk in walks)
    for walk in walks:
        last: Entry | None = None
        while batch := await ledger.chain(walk.chain, walk.seq, _BATCH):
            for last in batch:
                report.find(last.chain, last.seq, *walk.step(last))
            report.entries += len(batch)
            progress(report.entries, total)
        report.find(walk.chain, walk.seq, *walk.end())
        if last:
            report.heads.append(last)
    for chain, mark in vouchers.unkept(heads):
        report.find(chain, mark.seq, "a checkpoint names it, and it is not there")
    report.findings.sort(key=lambda finding: (finding.chain, finding.seq))
    return report


async def _hear(
    ledger: Ledger, anchors: Iterable[Mapping[str, Any]], keys: Keys | None, report: Report
) -> Vouchers:
    """Return what all statements say, those of anchors first; note which cannot be believed."""
    vouchers = Vouchers(keys)
    for body in anchors:
        if not vouchers.hear(body, is_anchor=True):
            report.find("", 0, "a line of an anchor is no checkpoint, or not signed")
    for name in STATEMENTS:
        async for entry in _all(ledger, name):
            if not vouchers.hear(said(entry)):
                report.find(entry.chain, entry.seq, f"{name} is not signed, or damaged")
    report.statements, report.vouched_until = vouchers.count, vouchers.until
    return vouchers


async def _all(ledger: Ledger, name: str) -> AsyncIterator[Entry]:
    search, before = Search(name=name), None
    while batch := await ledger.find(search, before, _BATCH):
        for entry in batch:
            yield entry
        before = batch[-1].place
