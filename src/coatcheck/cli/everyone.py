"""`coatcheck sessions revoke-everyone`: end all sessions, with a bar that says how far it has come."""

import asyncio
from typing import Annotated

import typer

from coatcheck.cli.acts import confirm
from coatcheck.cli.databases import OPERATOR, open_manager
from coatcheck.cli.faults import NotDone
from coatcheck.cli.options import Database, Json
from coatcheck.cli.output import print_json, print_line, progress_bar
from coatcheck.demo.options import DEFAULT_DATABASE
from coatcheck.manager import Everyone
from coatcheck.manager.everyone import share_of


def revoke_everyone(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """End the sessions of everybody. Asks first. Those that begin meanwhile go on."""
    if not (yes or confirm("Sign everybody out?")):
        raise NotDone("nobody was signed out: answer y, or say --yes")
    ended = asyncio.run(_revoke(database, silent=json))
    if json:
        print_json({"revoked": ended})
    else:
        print_line(f"{ended} revoked")


async def _revoke(database: str, *, silent: bool) -> int:
    ended, after = 0, ""
    async with open_manager(database) as manager:
        whom = Everyone(began_before=manager.now(), by=OPERATOR)
        with progress_bar(silent=silent) as bar:
            task = bar.add_task("Signing out", total=1.0)
            while True:
                step = await manager.revoke_some(whom, after)
                ended += step.ended
                if step.after is None:
                    return ended
                after = step.after
                bar.update(task, completed=share_of(after))
