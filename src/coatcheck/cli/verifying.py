"""`coatcheck audit verify`: is the ledger as it was written?"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from coatcheck.cli.databases import open_manager
from coatcheck.cli.faults import NotDone
from coatcheck.cli.options import Database, Json
from coatcheck.cli.output import Document, complain, counted, print_json, print_line, progress_bar
from coatcheck.core.clock import timestamp
from coatcheck.demo.options import DEFAULT_DATABASE
from coatcheck.watch.audit import anchor as anchors
from coatcheck.watch.audit import statements
from coatcheck.watch.audit.verify import Report
from coatcheck.watch.audit.verify import verify as verify_ledger

MOST_TOLD = 20  # findings, before the rest is counted
NO_LEDGER = "there is no ledger here. Give the application Audit(), see docs/audit.md, or name its --database"

Anchors = Annotated[
    list[Path] | None,
    typer.Option("--anchor", metavar="FILE", help="Checkpoints kept elsewhere; may be repeated."),
]
PublicKeyFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--public-key", metavar="FILE", help="Believe only what this key has signed; may be repeated."
    ),
]


def verify(
    anchor: Anchors = None,
    public_key: PublicKeyFiles = None,
    print_checkpoint: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--print-checkpoint", help="Print a checkpoint to keep elsewhere, as an anchor.")
    ] = False,
    *,
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """Read the whole ledger and tell what is not as it was written; then the exit status is 1."""
    bodies = [body for path in anchor or () for body in anchors.read(path)]
    with progress_bar(silent=json) as bar:
        task = bar.add_task("Verifying", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        report, now = asyncio.run(_verify(database, bodies, public_key or [], show))
    if json:
        print_json(_document(report))
    if report.findings:
        for finding in report.findings[: 0 if json else MOST_TOLD]:
            complain(str(finding))
        raise NotDone(_what_is_wrong(report, public_key or []))
    if not report.entries:
        raise NotDone(NO_LEDGER)
    if print_checkpoint:
        print_json(
            statements.checkpoint(now, {head.chain: statements.Mark.of(head) for head in report.heads})
        )
    elif not json:
        print_line(_sentence(report))


async def _verify(
    database: str, bodies: list[Document], keys: list[Path], show: Callable[[int, int], None]
) -> tuple[Report, float]:
    public_keys = None
    if keys:
        from coatcheck.watch.audit.signing import PublicKeys

        public_keys = PublicKeys.read(*keys)
    async with open_manager(database) as manager:
        report = await verify_ledger(manager.store, anchors=bodies, keys=public_keys, progress=show)
        return report, manager.now()


def _document(report: Report) -> Document:
    return {
        "entries": report.entries,
        "chains": len(report.heads),
        "statements": report.statements,
        "vouched_until": None if report.vouched_until is None else timestamp(report.vouched_until),
        "findings": [
            {"chain": finding.chain, "seq": finding.seq, "what": finding.what} for finding in report.findings
        ],
    }


def _what_is_wrong(report: Report, keys: list[Path]) -> str:
    if keys and not report.statements:
        names = " or ".join(map(str, keys))
        return (
            f"nothing in the ledger is signed with {names}. If its application never signed, verify without "
            "--public-key, and begin with Audit(key=...); if it did, somebody took the signatures away"
        )
    return f"the ledger is not as it was written: {counted(len(report.findings), 'finding')}"


def _sentence(report: Report) -> str:
    entries, chains = counted(report.entries, "entry", "entries"), counted(len(report.heads), "chain")
    stand = f"{entries} in {chains} {'is as it was' if report.entries == 1 else 'are as they were'} written"
    if report.vouched_until is None:
        return f"{stand}; no checkpoint says that none is missing at the end"
    checkpoints = (
        "1 checkpoint vouches" if report.statements == 1 else f"{report.statements} checkpoints vouch"
    )
    return f"{stand}; {checkpoints} for them until {timestamp(report.vouched_until)}"
