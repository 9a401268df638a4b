"""`coatcheck sweep`: delete what ended or expired long enough ago."""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from coatcheck.cli.databases import open_manager
from coatcheck.cli.options import Database, Json
from coatcheck.cli.output import print_json, print_line
from coatcheck.demo.options import DEFAULT_DATABASE
from coatcheck.manager import RETENTION, SweepPolicy
from coatcheck.manager.sweeper import sweep_all

if TYPE_CHECKING:
    from rich.progress import Progress


def sweep(
    *,
    database: Database = DEFAULT_DATABASE,
    retention: Annotated[
        float,
        typer.Option("--retention", metavar="SECONDS", min=0, help="Keep what ended less than so long ago."),
    ] = RETENTION,
    json: Json = False,
) -> None:
    """Delete sessions that ended or expired long ago, batch by batch, until none are left."""
    deleted = asyncio.run(_sweep(database, retention, silent=json))
    if json:
        print_json({"deleted": deleted, "retention": retention})
    else:
        print_line(f"{deleted} deleted")


async def _sweep(database: str, retention: float, *, silent: bool) -> int:
    deleted = 0
    async with open_manager(database) as manager:
        with progress(silent=silent) as bar:
            task = bar.add_task("Sweeping", total=None)
            async for count in sweep_all(manager, SweepPolicy(retention=retention)):
                deleted += count
                bar.advance(task, count)
    return deleted


def progress(*, silent: bool) -> "Progress":
    """Return a bar without an end, for nobody counts beforehand; on stderr, for stdout is the result's."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} deleted"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=silent or not sys.stderr.isatty(),
    )
