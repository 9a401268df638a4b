"""Doing something about one user: finding them, acting, and telling what came of it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import typer

from coatcheck.cli.databases import OPERATOR, Databases, is_reachable
from coatcheck.cli.faults import NotDone
from coatcheck.cli.output import complain, print_json, print_line
from coatcheck.cli.views import account_row

if TYPE_CHECKING:
    from coatcheck.login import Account, Accounts, Outcome, Users

Act = Callable[["Users", str], Awaitable["Outcome"]]
"""Something to do with the user of an id."""

ENDED_LATER = "the sessions in memory:// belong to the server's process: those that are open stay as they are"


def change(databases: Databases, user: str, act: Act) -> "Account":
    """Do something with a user; return the account as it is afterwards.

    Raises:
        NotDone: There is no such user, or it was refused.
    """

    async def work() -> "Account":
        async with databases.open_users() as opened:
            account = await find(opened.accounts, user)
            return await resulting(opened.accounts, await act(opened.users, account.user_id))

    account = asyncio.run(work())
    _warn_of_open_sessions(databases)
    return account


def remove(databases: Databases, account: "Account") -> None:
    """Delete an account for good, and end its sessions.

    Raises:
        NotDone: It is gone already.
    """

    async def work() -> "Outcome":
        async with databases.open_users() as opened:
            return await opened.users.remove(account.user_id, by=OPERATOR)

    outcome = asyncio.run(work())
    if not outcome.ok:
        raise NotDone(outcome.sentence)
    _warn_of_open_sessions(databases)


def look_up(databases: Databases, user: str) -> "Account":
    """Return the account of an e-mail address or a user id.

    Raises:
        NotDone: There is none.
    """

    async def work() -> "Account":
        async with databases.open_accounts() as accounts:
            return await find(accounts, user)

    return asyncio.run(work())


def confirm(question: str) -> bool:
    """Ask a person, or read a line of standard input if it is a pipe."""
    if sys.stdin.isatty():
        return typer.confirm(question, err=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


async def find(accounts: "Accounts", user: str) -> "Account":
    """Return the account of an e-mail address or a user id; raises like `look_up`."""
    account = await (accounts.by_email(user) if "@" in user else accounts.by_id(user))
    if account is None:
        raise NotDone(f"there is no user {user}")
    return account


async def resulting(accounts: "Accounts", outcome: "Outcome") -> "Account":
    """Return the account that was acted upon, as it is now.

    Raises:
        NotDone: The act was refused.
    """
    if outcome.user_id is None:
        raise NotDone(outcome.sentence)
    return await find(accounts, outcome.user_id)


def tell(done: str, account: "Account", password: str | None = None, *, json: bool) -> None:
    """Say what was done, and a generated password, which nobody can look up later."""
    if json:
        print_json({"user": account_row(account)} | ({"password": password} if password else {}))
        return
    print_line(f"{done} {account.email} ({', '.join(sorted(account.roles)) or 'no roles'})")
    if password:
        print_line(f"password: {password}")


def _warn_of_open_sessions(databases: Databases) -> None:
    if not is_reachable(databases.sessions):
        complain(ENDED_LATER)
