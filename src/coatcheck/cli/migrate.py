"""`coatcheck migrate`: move all sessions from one store to another while both are in use."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from coatcheck.cli.databases import require_database, require_reachable
from coatcheck.cli.faults import NotDone
from coatcheck.cli.options import Json
from coatcheck.cli.output import print_json, print_line, progress_bar
from coatcheck.stores import open_moving

if TYPE_CHECKING:
    from collections.abc import Callable

    from coatcheck.stores.moving import Tally


def migrate(
    *,
    source: Annotated[
        str, typer.Option("--from", metavar="URL", help="Where the sessions are.", show_default=False)
    ],
    target: Annotated[
        str, typer.Option("--to", metavar="URL", help="Where they shall be.", show_default=False)
    ],
    json: Json = False,
) -> None:
    """Move all sessions to another store; nobody is signed out. It may be killed, and repeated.

    Start every worker of the application with both stores before: install(..., moving_from=...).
    """
    for url in (source, target):
        require_reachable(url)
    require_database(source, "--from")
    with progress_bar(silent=json) as bar:
        task = bar.add_task("Moving", total=1.0)
        tally = asyncio.run(_walk(source, target, lambda reached: bar.update(task, completed=reached)))
    if json:
        print_json({**msgspec.to_builtins(tally), "whole": tally.is_whole})
    else:
        print_line(_sentence(tally))
    if not tally.is_whole:
        raise NotDone(
            f"{tally.left} sessions are still in the source, {tally.lost} that moved are not in the target. "
            "Run it again; if it stays so, look for workers that were not started with both stores"
        )


async def _walk(source: str, target: str, show: "Callable[[float], None]") -> "Tally":
    from coatcheck.stores.moving import Walk

    moving = open_moving(target, source)
    try:
        walk = Walk(moving)
        async for tally in walk.run():
            show(tally.reached)
        return walk.tally
    finally:
        await moving.close()


def _sentence(tally: "Tally") -> str:
    return (
        f"{tally.moved} sessions moved, {tally.arrived} verified in the target, {tally.ended} ends and "
        f"{tally.rows} small rows copied, {tally.left} left"
    )
