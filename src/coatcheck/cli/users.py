"""`coatcheck users`: what operators do about accounts, and the sessions that follow."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from coatcheck.cli.acts import change, confirm, look_up, remove, resulting, tell
from coatcheck.cli.databases import OPERATOR, Databases, open_manager, require_reachable
from coatcheck.cli.faults import NotDone
from coatcheck.cli.options import AccountsFile, Database, Json, Limit
from coatcheck.cli.output import print_json, print_line, print_table
from coatcheck.cli.password import AskPassword, choose_password
from coatcheck.cli.views import account_row
from coatcheck.demo.options import DEFAULT_ACCOUNTS, DEFAULT_DATABASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coatcheck.login import Account

group = typer.Typer(help="Add, list and change the users of the embedded accounts.")
User = Annotated[
    str, typer.Argument(metavar="USER", help="An e-mail address or a user id.", show_default=False)
]


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
        async with Databases(database, accounts).open_users(create=True) as opened:
            outcome = await opened.users.add(email, password, name=name, roles=frozenset(role))
            return await resulting(opened.accounts, outcome)

    tell("added", asyncio.run(add()), None if ask_password else password, json=json)


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

    async def page() -> "Sequence[Account]":
        async with Databases(database, accounts).open_accounts() as opened:
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
    account = change(Databases(database, accounts), user, lambda users, uid: users.disable(uid, by=OPERATOR))
    tell("disabled", account, json=json)


@group.command("enable")
def enable_user(
    user: User,
    *,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """Open a disabled account again; its user signs in anew."""
    account = change(Databases(database, accounts), user, lambda users, uid: users.enable(uid, by=OPERATOR))
    tell("enabled", account, json=json)


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
    account = change(
        Databases(database, accounts),
        user,
        lambda users, uid: users.set_roles(uid, held, by=OPERATOR),
    )
    tell("changed", account, json=json)


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
    account = change(
        Databases(database, accounts),
        user,
        lambda users, uid: users.reset_password(uid, new, by=OPERATOR),
    )
    tell("changed", account, None if ask_password else new, json=json)


@group.command("revoke")
def revoke_user(
    user: User,
    *,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """End all sessions of a user at once; the account stays open."""

    async def revoke(user_id: str) -> int:
        async with open_manager(database) as manager:
            return await manager.revoke_user(user_id, by=OPERATOR)

    account = look_up(Databases(database, accounts), user)
    count = asyncio.run(revoke(account.user_id))
    if json:
        print_json({"user": account_row(account), "revoked": count})
    else:
        print_line(f"{count} session{'' if count == 1 else 's'} of {account.email} revoked")


@group.command("unlock")
def unlock_user(
    user: User,
    *,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """Forget the failed attempts on an account that the throttle has stopped; its password stays."""
    require_reachable(database)
    account = change(Databases(database, accounts), user, lambda users, uid: users.unlock(uid, by=OPERATOR))
    tell("unlocked", account, json=json)


@group.command("remove")
def remove_user(
    user: User,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
) -> None:
    """Delete an account for good and end its sessions. Asks first."""
    databases = Databases(database, accounts)
    account = look_up(databases, user)
    if not (yes or confirm(f"Remove {account.email} for good?")):
        raise NotDone(f"{account.email} is still there: answer y, or say --yes")
    remove(databases, account)
    tell("removed", account, json=json)
