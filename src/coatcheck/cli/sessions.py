"""`coatcheck sessions`: list, show, explain and revoke sessions."""

import asyncio
from typing import Annotated, Any

import typer

from coatcheck.cli.acts import find
from coatcheck.cli.databases import OPERATOR, Databases, open_manager, place
from coatcheck.cli.faults import NotDone
from coatcheck.cli.options import AccountsFile, Database, Json, Limit
from coatcheck.cli.output import Document, print_facts, print_json, print_line, print_table
from coatcheck.cli.views import life_facts, life_row, session_facts, session_row
from coatcheck.core.errors import ConfigurationError, CorruptRecord
from coatcheck.core.moving import has_moved
from coatcheck.core.record import Record, Tombstone
from coatcheck.core.store import Scan
from coatcheck.core.support import support_code
from coatcheck.demo.options import DEFAULT_ACCOUNTS, DEFAULT_DATABASE
from coatcheck.manager import SessionManager
from coatcheck.watch.explain import Life, explain, find_ids

group = typer.Typer(help="List, show, explain and revoke sessions.")
SessionId = Annotated[str, typer.Argument(metavar="ID", help="The session's id.", show_default=False)]


@group.command("list")
def list_sessions(
    user: Annotated[
        str | None,
        typer.Option("--user", metavar="USER", help="Only this user's: an e-mail address or a user id."),
    ] = None,
    limit: Limit = 50,
    after: Annotated[
        str,
        typer.Option("--after", metavar="ID", help="Go on after this id: the next page.", show_default=False),
    ] = "",
    *,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """List live sessions in the order of their ids, one page at a time."""
    records, following = asyncio.run(_page(Databases(database, accounts), user, after, limit))
    rows = [session_row(record) for record in records]
    if json:
        print_json({"sessions": rows, "next": following})
        return
    columns = ("id", "user", "device", "address", "last seen", "expires")
    print_table(columns, map(_cells, rows), empty=f"no live sessions in {place(database)}")
    if following:
        print_line(f"more with --after {following}")


@group.command("show")
def show_session(
    id: SessionId,
    *,
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """Show one session: alive, expired, or ended and why. Of its data only the keys."""
    facts = asyncio.run(_show(database, id))
    if json:
        print_json(facts)
        return
    device = facts.pop("device", None)
    print_facts(facts | {"device": device["label"], "address": device["ip"]} if device else facts)


@group.command("explain")
def explain_session(
    which: Annotated[
        str,
        typer.Argument(
            metavar="ID|CODE", help="The session's id, its beginning, or a support code.", show_default=False
        ),
    ],
    *,
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """Tell a session's life: where it began, what happened to it, and why it ended."""
    life = asyncio.run(_explain(database, which))
    if json:
        print_json(life_facts(life))
        return
    print_line(f"session {life.id}, support code {support_code(life.id)}")
    print_table(("when", "what", "by", "more"), map(life_row, life.moments), empty="nothing is known of it")
    if not life.from_ledger:
        print_line("without an audit ledger, this is what the record itself tells")


@group.command("revoke")
def revoke_session(
    id: SessionId,
    *,
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """End one session at once. One that is over already stays as it is."""
    outcome = asyncio.run(_revoke(database, id))
    if json:
        print_json(outcome)
    elif outcome["revoked"]:
        print_line(f"revoked {id}")
    else:
        print_line(f"{id} was over already: {outcome['reason']}")


async def _page(
    databases: Databases, user: str | None, after: str, limit: int
) -> tuple[list[Record], str | None]:
    user_id = await _user_id(databases, user) if user else None
    async with open_manager(databases.sessions) as manager:
        if user_id is None:
            found = await _scan(manager, after, limit + 1)
        else:
            listed = sorted(await manager.list(user_id), key=lambda record: record.id)
            found = [record for record in listed if record.id > after]
    page = found[:limit]
    return page, page[-1].id if len(found) > limit else None


async def _scan(manager: SessionManager[Any], after: str, limit: int) -> list[Record]:
    """Walk over the store until there are `limit` live records."""
    store, now = manager.store, manager.now()
    if not isinstance(store, Scan):
        raise ConfigurationError("this store cannot list all sessions", remedy="Name a user with --user")
    tolerance = manager.lifetimes.rotation.tolerance
    found: list[Record] = []
    while len(found) < limit and (rows := await store.scan(after, limit)):
        after = rows[-1].id
        records = (row for row in rows if isinstance(row, Record))
        found += [record for record in records if not record.has_expired(now, tolerance)]
    return found[:limit]


async def _show(database: str, id: str) -> Document:
    async with open_manager(database) as manager:
        found = await manager.store.load(id)
        if found is None:
            raise _unknown(id, database)
        return session_facts(found, manager.now(), manager.lifetimes.rotation.tolerance)


async def _explain(database: str, which: str) -> Life:
    async with open_manager(database) as manager:
        ids = await find_ids(manager.store, which)
        if len(ids) > 1:
            raise NotDone(f"{which} may be any of these sessions: {', '.join(ids)}. Name one of them")
        tolerance = manager.lifetimes.rotation.tolerance
        life = await explain(manager.store, ids[0], manager.now(), tolerance) if ids else None
        if life is None or not life.is_known:
            raise _unknown(which, database)
        return life


async def _revoke(database: str, id: str) -> Document:
    async with open_manager(database) as manager:
        try:
            found = await manager.store.load(id)
        except CorruptRecord:  # nobody can use it, and revoking is how an operator gets rid of it
            return {"id": id, "revoked": await manager.revoke(id, by=OPERATOR)}
        if found is None:
            raise _unknown(id, database)
        if has_moved(found):
            raise NotDone(f"session {id} lives in another store now. Name that one with --database")
        if isinstance(found, Tombstone):
            return {"id": id, "revoked": False, "reason": str(found.reason)}
        return {"id": id, "revoked": await manager.revoke(id, by=OPERATOR)}


async def _user_id(databases: Databases, user: str) -> str:
    """Return the id of a user; an id is taken as it is, for the accounts may be the application's own."""
    if "@" not in user:
        return user
    async with databases.open_accounts() as accounts:
        return (await find(accounts, user)).user_id


def _cells(row: Document) -> tuple[object, ...]:
    device = row["device"]
    user = row["email"] or row["user_id"]
    return row["id"], user, device["label"], device["ip"], row["last_seen_at"], row["expires_at"]


def _unknown(which: str, database: str) -> NotDone:
    return NotDone(
        f"there is no session {which!r} in {place(database)}. Name an id, or to `explain` the beginning of "
        "one or a code like 7K3M-Q2XP; and the right --database"
    )
