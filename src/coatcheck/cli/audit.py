"""`coatcheck audit`: read the ledger of an application."""

import asyncio
import json as jsons
import sys
from contextlib import nullcontext
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from coatcheck.cli.databases import open_manager
from coatcheck.cli.moments import moment
from coatcheck.cli.options import Database, Json, Limit
from coatcheck.cli.output import (
    Document,
    complain,
    counted,
    print_json,
    print_line,
    print_table,
    progress_bar,
)
from coatcheck.cli.verifying import NO_LEDGER, verify
from coatcheck.core.clock import timestamp
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events.wire import EVENTS
from coatcheck.core.ledger import Entry, Search
from coatcheck.demo.options import DEFAULT_DATABASE
from coatcheck.watch.audit import read
from coatcheck.watch.audit.statements import STATEMENTS
from coatcheck.watch.explain import moment_of_entry

group = typer.Typer(help="Read and verify the audit ledger.")
group.command("verify")(verify)

Session = Annotated[str | None, typer.Option("--session", metavar="ID", help="About this session.")]
User = Annotated[str | None, typer.Option("--user", metavar="ID", help="About this user: a user id.")]
Name = Annotated[
    str | None, typer.Option("--event", metavar="NAME", help="Of this kind: session.ended, say.")
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="MOMENT", help="Not before: 2026-11-25T19:00 (UTC), or 2h ago."),
]
Until = Annotated[str | None, typer.Option("--until", metavar="MOMENT", help="Before: likewise.")]

Text = Annotated[str | None, typer.Option("--text", metavar="TEXT", help="With this text in them.")]
Before = Annotated[
    int | None, typer.Option("--before", metavar="PLACE", help="Go on before it: the next page.")
]

# What an entry says of itself stands in columns of its own.
_SHOWN = {"event", "owasp", "time", "at", "session_id", "user_id", "device"}


@group.command("tail")
def tail(
    limit: Limit = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as entries arrive.")] = False,  # noqa: FBT002 - a flag
    *,
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """Show the newest entries, one a line, the newest last."""
    asyncio.run(_tail(database, limit, follow=follow, json=json))


@group.command("query")
def query(  # noqa: PLR0913 - one for each thing to look for
    session: Session = None,
    user: User = None,
    event: Name = None,
    text: Text = None,
    since: Since = None,
    until: Until = None,
    before: Before = None,
    limit: Limit = 50,
    *,
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """Look for entries, the newest first, one page at a time."""
    _require_event(event)

    async def work() -> read.Page:
        async with open_manager(database) as manager:
            now = manager.now()
            wanted = Search(
                session_id=session,
                user_id=user,
                name=event,
                since=moment(since, now),
                until=moment(until, now),
            )
            return await read.search(manager.store, wanted, text=text, before=before, limit=limit)

    page = asyncio.run(work())
    if json:
        print_json({"entries": [document(entry) for entry in page.entries], "next": page.before})
        return
    print_table(
        ("place", "time", "event", "user", "session", "address", "more"),
        map(_cells, page.entries),
        empty="no such entries",
    )
    if page.before is not None:
        print_line(f"more with --before {page.before}")


@group.command("export")
def export(
    since: Since = None,
    until: Until = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to; standard output without it.")
    ] = None,
    *,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Print the whole ledger as JSON lines, the oldest entry first."""
    asyncio.run(_export(database, since, until, output))


def document(entry: Entry) -> Document:
    """Return what is shown of an entry: enough to compute its digest from the one before it.

    Of one that cannot be read the text, as far as it is text.
    """
    place = {"place": entry.place, "chain": entry.chain, "seq": entry.seq, "digest": entry.digest.hex()}
    try:
        return place | {"body": entry.body}
    except msgspec.DecodeError:  # somebody has damaged it
        return place | {"body": None, "text": entry.text.decode(errors="backslashreplace")}


async def _tail(database: str, limit: int, *, follow: bool, json: bool) -> None:
    async with open_manager(database) as manager:
        newest = await read.entries(manager.store, limit=limit)
        if not newest:
            complain(NO_LEDGER)
        for entry in reversed(newest):
            _print_entry(entry, json=json)
        if follow:
            async for entry in read.follow(manager.store):
                _print_entry(entry, json=json)
                sys.stdout.flush()


async def _export(database: str, since: str | None, until: str | None, output: Path | None) -> None:
    async with open_manager(database) as manager:
        now = manager.now()
        wanted = Search(since=moment(since, now), until=moment(until, now))
        with (
            output.open("w", encoding="utf-8") if output else nullcontext(sys.stdout) as file,
            progress_bar(silent=output is None, counted="entries") as bar,
        ):
            task = bar.add_task("Exporting", total=None)
            if not await read.entries(manager.store, limit=1):
                complain(NO_LEDGER)
            async for entry in read.everything(manager.store, wanted):
                file.write(jsons.dumps(document(entry)) + "\n")
                bar.advance(task)


def _require_event(name: str | None) -> None:
    """Refuse a slip, which would find nothing.

    Raises:
        ConfigurationError: There is no such kind of event.
    """
    if name is not None and name not in {*EVENTS, *STATEMENTS}:
        close = get_close_matches(name, EVENTS, 1)
        remedy = f"Did you mean {close[0]}" if close else "docs/events.md lists them, such as session.ended"
        raise ConfigurationError(f"there is no event {name}", remedy=remedy)


def _print_entry(entry: Entry, *, json: bool) -> None:
    if json:
        print_json(document(entry))
    else:
        _, *cells = _cells(entry)
        print_line("  ".join(str(cell) for cell in cells if cell))


def _cells(entry: Entry) -> tuple[object, ...]:
    about = entry.name, entry.user_id, entry.session_id
    try:
        body = entry.body
    except msgspec.DecodeError:
        damaged = moment_of_entry(entry)
        return entry.place, timestamp(damaged.at), *about, None, damaged.title
    more = " ".join(f"{name}={_brief(value)}" for name, value in body.items() if name not in _SHOWN)
    device = body.get("device")
    address = device.get("ip") if isinstance(device, dict) else None
    return entry.place, body.get("time"), *about, address, more


def _brief(value: object) -> object:
    """Return what is shown of a value: of one that holds many, how many."""
    return counted(len(value), "value") if isinstance(value, dict | list) else value
