"""`coatcheck users`: what operators do about accounts, and the sessions that follow."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from coatcheck.cli.faults import NotDone
from coatcheck.cli.options import DEFAULT_ACCOUNTS, DEFAULT_DATABASE, AccountsFile, Database, Json, Limit
from coatcheck.cli.output import complain, print_json, print_line, print_table
from coatcheck.cli.passphrase import AskPassword, choose_password
from coatcheck.cli.places import Places
from coatcheck.cli.views import account_row

if TYPE_CHECKING:
    from coatcheck.login import Account, Outcome, SqliteAccounts, Users

group = typer.Typer(help="Add, list and change the users of the embedded accounts.")
User = Annotated[
    str, typer.Argument(metavar="USER", help="An e-mail address or a user id.", show_default=False)
]
Act = Callable[["Users", str], Awaitable["Outcome"]]
"""Something to do with the user of an id."""

ENDED_LATER = "the sessions in memory:// belong to the server's process: those that are open stay as they are"


@group.command("add")
def add_user(
    email: Annotated[
        str, typer.Argument(metavar="EMAIL", help="The address they sign in with.", show_default=False)
    ],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="For display.", show_default=False)
    ] = "",
    role: Annotated[
        list[str], typer.Option("--role", metavar="ROLE", help="A role; repeat it for more than one.")
    ] = ["user"],  # noqa: B006 - typer copies it
    *,
    ask_password: AskPassword = False,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """Add a user. Without --ask-password a password is generated and printed, this once."""
    password = choose_password(ask=ask_password)

    async def add() -> "Account":
        async with Places(database, accounts).open_users(create=True) as desk:
            outcome = await desk.users.add(email, password, name=name, roles=frozenset(role))
            return await _resulting(desk.accounts, outcome)

    _tell("added", asyncio.run(add()), None if ask_password else password, json=json)


@group.command("list")
def list_users(
    limit: Limit = 50,
    after: Annotated[
        str,
        typer.Option(
            "--after", metavar="EMAIL", help="Go on after this address: the next page.", show_default=False
        ),
    ] = "",
    *,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """List users in the order of their addresses, one page at a time."""

    async def page() -> "list[Account]":
        async with Places(database, accounts).open_accounts() as opened:
            return await opened.list(after=after, limit=limit + 1)

    found = asyncio.run(page())
    rows = [account_row(account) for account in found[:limit]]
    following = rows[-1]["email"] if len(found) > limit else None
    if json:
        print_json({"users": rows, "next": following})
        return
    columns = ("email", "id", "name", "roles", "disabled", "created_at")
    print_table(columns, ([row[column] for column in columns] for row in rows), empty="no users")
    if following:
        print_line(f"more with --after {following}")


@group.command("disable")
def disable_user(
    user: User,
    *,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """Close an account to sign-in and end its sessions at once."""
    account = _change(Places(database, accounts), user, lambda users, user_id: users.disable(user_id))
    _tell("disabled", account, json=json)


@group.command("enable")
def enable_user(
    user: User,
    *,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """Open a disabled account again; its user signs in anew."""
    account = _change(Places(database, accounts), user, lambda users, user_id: users.enable(user_id))
    _tell("enabled", account, json=json)


@group.command("set-roles")
def set_roles(
    user: User,
    roles: Annotated[
        list[str],
        typer.Argument(metavar="ROLE...", help="All the user's roles from now on.", show_default=False),
    ],
    *,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """Replace a user's roles, in all their sessions too."""
    held = frozenset(roles)
    account = _change(Places(database, accounts), user, lambda users, user_id: users.set_roles(user_id, held))
    _tell("changed", account, json=json)


@group.command("reset-password")
def reset_password(
    user: User,
    *,
    ask_password: AskPassword = False,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """Give a user a new password, generated like that of `add`, and end all their sessions."""
    new = choose_password(ask=ask_password)
    account = _change(
        Places(database, accounts), user, lambda users, user_id: users.reset_password(user_id, new)
    )
    _tell("changed", account, None if ask_password else new, json=json)


@group.command("revoke")
def revoke_user(
    user: User,
    *,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """End all sessions of a user at once; the account stays open."""

    async def revoke() -> "tuple[Account, int]":
        places = Places(database, accounts)
        async with places.open_accounts() as opened:
            account = await _find(opened, user)
        async with places.open_manager() as manager:
            return account, await manager.revoke_user(account.user_id)

    account, count = asyncio.run(revoke())
    if json:
        print_json({"user": account_row(account), "revoked": count})
    else:
        print_line(f"{count} sessions of {account.email} revoked")


def _change(places: Places, user: str, act: Act) -> "Account":
    """Do something with a user; return the account as it is afterwards."""

    async def change() -> "Account":
        async with places.open_users() as desk:
            account = await _find(desk.accounts, user)
            return await _resulting(desk.accounts, await act(desk.users, account.user_id))

    account = asyncio.run(change())
    if places.out_of_reach:
        complain(ENDED_LATER)
    return account


async def _find(accounts: "SqliteAccounts", user: str) -> "Account":
    account = await (accounts.by_email(user) if "@" in user else accounts.by_id(user))
    if account is None:
        raise NotDone(f"there is no user {user}")
    return account


async def _resulting(accounts: "SqliteAccounts", outcome: "Outcome") -> "Account":
    if outcome.user_id is None:
        raise NotDone(outcome.sentence)
    return await _find(accounts, outcome.user_id)


def _tell(done: str, account: "Account", password: str | None = None, *, json: bool) -> None:
    """Say what was done, and a generated password, which nobody can look up later."""
    if json:
        print_json({"user": account_row(account)} | ({"password": password} if password else {}))
        return
    print_line(f"{done} {account.email} ({', '.join(sorted(account.roles)) or 'no roles'})")
    if password:
        print_line(f"password: {password}")
