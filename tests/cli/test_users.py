"""Users from the operator's side: the account changes, and its sessions follow."""

import asyncio
import io
import sys
from pathlib import Path

import pytest

from coatcheck.cli import acts
from coatcheck.core.reason import Reason
from coatcheck.core.record import Record, Tombstone
from coatcheck.login import Passwords, SqliteAccounts, Throttle, ThrottlePolicy
from coatcheck.login.throttle import Attempt, Wait
from coatcheck.stores import open_store
from tests.cli.conftest import DATABASE, load

ADA = "ada@example.test"
LONG = "four horses under one roof"


@pytest.fixture
def ada(coatcheck):
    return coatcheck("users", "add", ADA, "--name", "Ada", "--json").document


def opens(password: str, file: str = "coatcheck.db") -> bool:
    """Whether the password opens Ada's account."""

    async def work() -> bool:
        accounts, passwords = SqliteAccounts(file), Passwords()
        account = await accounts.by_email(ADA)
        verified = await passwords.verify(account.password_hash, password)
        passwords.close()
        await accounts.close()
        return verified.ok

    return asyncio.run(work())


def test_a_generated_password_opens_the_account(ada):
    assert ada["user"]["email"] == ADA
    assert ada["user"]["roles"] == ["user"]
    assert opens(ada["password"])
    assert not opens(ada["password"][:-1])


def test_a_person_sees_the_password_once(coatcheck):
    out = coatcheck("users", "add", ADA, "--role", "user", "--role", "admin").out
    first, second = out.splitlines()
    assert first == f"added {ADA} (admin, user)"
    assert opens(second.removeprefix("password: "))
    assert second not in coatcheck("users", "list").out


def test_two_generated_passwords_differ(coatcheck, ada):
    other = coatcheck("users", "add", "bea@example.test", "--json").document
    assert other["password"] != ada["password"]


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_password_from_a_pipe_is_not_repeated(coatcheck, flags):
    answer = coatcheck("users", "add", ADA, "--ask-password", *flags, stdin=f"{LONG}\n")
    assert answer.status == 0
    assert LONG not in answer.out + answer.err
    assert "password" not in answer.out
    assert opens(LONG)


@pytest.mark.parametrize(
    ("stdin", "why"),
    [("", "no password on standard input"), ("short\n", "at least 15"), (f"{ADA}\n", "a name others know")],
)
def test_a_password_that_will_not_do_is_refused(coatcheck, stdin, why):
    answer = coatcheck("users", "add", ADA, "--ask-password", stdin=stdin)
    assert answer.status == 1
    assert why in answer.complaint


@pytest.mark.parametrize(("email", "why"), [(ADA.upper(), "already"), ("nobody", "not an e-mail")])
def test_an_address_that_will_not_do_is_refused(coatcheck, ada, email, why):
    answer = coatcheck("users", "add", email, "--json")
    assert answer.status == 1
    assert why in answer.complaint


def test_pages_hold_every_user_once(coatcheck):
    added = [f"user{number}@example.test" for number in range(5)]
    for email in reversed(added):
        coatcheck("users", "add", email)
    seen, after = [], ""
    while after is not None:
        page = coatcheck("users", "list", "--limit", "2", "--after", after, "--json").document
        assert len(page["users"]) <= 2
        seen += [user["email"] for user in page["users"]]
        after = page["next"]
    assert seen == added
    shown = coatcheck("users", "list", "--limit", "2").out
    assert "more with --after user1@example.test" in shown


def test_a_list_shows_no_hash(coatcheck, ada):
    for flags in [(), ("--json",)]:
        out = coatcheck("users", "list", *flags).out
        assert ada["user"]["id"] in out
        assert "argon2" not in out


def test_disable_ends_the_sessions_and_enable_revives_none(coatcheck, ada, sign_in):
    record = sign_in(ada["user"]["id"])
    assert coatcheck("users", "disable", ADA, "--json").document["user"]["disabled"] is True
    assert load(record.id).reason is Reason.USER_DISABLED
    assert coatcheck("users", "enable", ADA, "--json").document["user"]["disabled"] is False
    assert isinstance(load(record.id), Tombstone)


def test_set_roles_reaches_the_sessions(coatcheck, ada, sign_in):
    record = sign_in(ada["user"]["id"])
    assert coatcheck("users", "set-roles", ADA, "user", "admin").out == f"changed {ADA} (admin, user)\n"
    assert load(record.id).identity.roles == {"user", "admin"}


def test_a_new_password_ends_the_sessions(coatcheck, ada, sign_in):
    record = sign_in(ada["user"]["id"])
    new = coatcheck("users", "reset-password", ADA, "--json").document["password"]
    assert opens(new)
    assert not opens(ada["password"])
    assert isinstance(load(record.id), Tombstone)
    asked = coatcheck("users", "reset-password", ADA, "--ask-password", stdin=LONG)
    assert (asked.status, asked.out) == (0, f"changed {ADA} (user)\n")
    assert opens(LONG)


def test_revoke_ends_all_sessions_of_one_user(coatcheck, ada, sign_in):
    mine, other = [sign_in(ada["user"]["id"]) for _ in range(2)], sign_in("u-eve")
    assert coatcheck("users", "revoke", ada["user"]["id"], "--json").document["revoked"] == 2
    assert all(load(record.id).reason is Reason.REVOKED for record in mine)
    assert isinstance(load(other.id), Record)
    assert coatcheck("users", "revoke", ADA).out == f"0 sessions of {ADA} revoked\n"
    sign_in(ada["user"]["id"])
    assert coatcheck("users", "revoke", ADA).out == f"1 session of {ADA} revoked\n"


COMMANDS = [
    ("disable",),
    ("enable",),
    ("revoke",),
    ("reset-password",),
    ("set-roles", "admin"),
    ("unlock",),
    ("remove",),
]


@pytest.mark.parametrize("user", ["eve@example.test", "u-eve"])
@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_user_is_one_line_and_status_1(coatcheck, ada, command, user):
    name, *rest = command
    answer = coatcheck("users", name, user, *rest)
    assert answer.status == 1
    assert answer.complaint == f"coatcheck: there is no user {user}"


def test_accounts_live_in_their_own_file_beside_a_store_that_is_not_sqlite(coatcheck, folder):
    places = ("--database", "memory://", "--accounts", "people.db")
    password = coatcheck("users", "add", ADA, *places, "--json").document["password"]
    assert opens(password, "people.db")
    assert not Path("coatcheck.db").exists()
    assert ADA in coatcheck("users", "list", *places).out


def test_what_the_command_line_cannot_reach_it_says(coatcheck):
    places = ("--database", "memory://", "--accounts", "people.db")
    coatcheck("users", "add", ADA, *places)
    disabled = coatcheck("users", "disable", ADA, *places)
    assert (disabled.status, disabled.out) == (0, f"disabled {ADA} (user)\n")
    assert "stay as they are" in disabled.err
    for command in ("revoke", "unlock"):  # all they would act upon is out of reach
        refused = coatcheck("users", command, ADA, *places)
        assert refused.status == 2
        assert "its own server only" in refused.complaint


def test_the_environment_names_the_places(coatcheck, monkeypatch):
    monkeypatch.setenv("COATCHECK_DATABASE", "memory://")
    monkeypatch.setenv("COATCHECK_ACCOUNTS", "people.db")
    coatcheck("users", "add", ADA)
    assert Path("people.db").exists()
    coatcheck("users", "add", ADA, "--database", "sqlite:///other.db")
    assert Path("other.db").exists()


def stop(user_id: str) -> None:
    """Use up the strangers' attempts on an account."""

    async def work() -> None:
        store = open_store(DATABASE)
        throttle = Throttle(store, ThrottlePolicy(free=0, stop=1, device_stop=1))
        assert isinstance(await throttle.reserve(f"user {user_id}", 0.0), Attempt)
        await store.close()

    asyncio.run(work())


def is_stopped(user_id: str) -> bool:
    async def work() -> bool:
        store = open_store(DATABASE)
        policy = ThrottlePolicy(free=1, stop=1, device_stop=1)
        verdict = await Throttle(store, policy).reserve(f"user {user_id}", 1.0)
        await store.close()
        return isinstance(verdict, Wait)

    return asyncio.run(work())


def test_unlock_lets_a_stopped_account_try_again(coatcheck, ada):
    user_id = ada["user"]["id"]
    stop(user_id)
    assert is_stopped(user_id)
    assert coatcheck("users", "unlock", ADA).out == f"unlocked {ADA} (user)\n"
    assert not is_stopped(user_id)
    assert opens(ada["password"])


@pytest.mark.parametrize(("flags", "stdin"), [(("--yes",), ""), ((), "y\n")])
def test_remove_deletes_the_account_and_ends_its_sessions(coatcheck, ada, sign_in, flags, stdin):
    record = sign_in(ada["user"]["id"])
    removed = coatcheck("users", "remove", ADA, "--json", *flags, stdin=stdin).document
    assert removed["user"]["id"] == ada["user"]["id"]
    assert isinstance(load(record.id), Tombstone)
    assert coatcheck("users", "list", "--json").document["users"] == []


@pytest.mark.parametrize("stdin", ["", "n\n", "what?\n"])
def test_nobody_is_removed_without_a_yes(coatcheck, ada, sign_in, stdin):
    record = sign_in(ada["user"]["id"])
    answer = coatcheck("users", "remove", ADA, stdin=stdin)
    assert answer.status == 1
    assert answer.complaint == f"coatcheck: {ADA} is still there: answer y, or say --yes"
    assert isinstance(load(record.id), Record)
    assert opens(ada["password"])


class Terminal(io.StringIO):
    """A person's standard input."""

    def isatty(self):
        return True


@pytest.mark.parametrize(("typed", "agreed"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_person_is_asked_and_stdout_is_left_to_the_result(monkeypatch, capsys, typed, agreed):
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert acts.confirm("Remove Ada for good?") is agreed
    told = capsys.readouterr()
    assert told.err.startswith("Remove Ada for good? [y/N]:")
    assert not told.out.strip()


def test_users_live_in_the_sessions_database_where_that_is_postgresql(coatcheck, folder, emptied):
    database = ("--database", emptied)
    made = coatcheck("users", "add", "grace@example.test", "--role", "admin", "--json", *database).document
    assert made["user"] in coatcheck("users", "list", "--json", *database).document["users"]
    assert coatcheck("users", "disable", "grace@example.test", *database).status == 0
    assert coatcheck("users", "remove", "grace@example.test", "--yes", *database).status == 0
    assert list(folder.iterdir()) == []
