"""`coatcheck sweep`: delete what ended or expired long enough ago."""

import asyncio
from typing import Annotated

import typer

from coatcheck.cli.databases import open_manager
from coatcheck.cli.options import Database, Json
from coatcheck.cli.output import print_json, print_line, progress_bar
from coatcheck.demo.options import DEFAULT_DATABASE
from coatcheck.manager import RETENTION, SweepPolicy
from coatcheck.manager.sweeper import sweep_all


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
        with progress_bar(silent=silent, counted="deleted") as bar:
            task = bar.add_task("Sweeping", total=None)
            async for count in sweep_all(manager, SweepPolicy(retention=retention)):
                deleted += count
                bar.advance(task, count)
    return deleted
