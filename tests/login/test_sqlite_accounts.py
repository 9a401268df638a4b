"""The embedded user table."""

import asyncio
import sqlite3
import stat
import subprocess
import sys

import pytest

from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.login import SqliteAccounts
from coatcheck.stores.sqlite import SqliteStore

NOW = 1_700_000_000.0


@pytest.fixture
async def accounts(tmp_path):
    made = SqliteAccounts(tmp_path / "accounts.db")
    yield made
    await made.close()


async def add(accounts, email="ada@example.test", **facts):
    given = {"name": "Ada", "password_hash": "hash", "roles": frozenset({"user"}), "created_at": NOW}
    return await accounts.add(email=email, **(given | facts))


async def test_what_was_added_is_found_by_address_and_by_id(accounts):
    ada = await add(accounts)
    assert await accounts.by_id(ada.user_id) == ada
    assert await accounts.by_email("ADA@Example.test ") == ada
    assert ada.created_at == NOW
    assert ada.roles == {"user"}
    assert not ada.disabled


@pytest.mark.parametrize("email", ["", "grace@example.test", "ada\ud800@example.test", "' OR 1=1 --", "%"])
async def test_who_was_not_added_is_not_found(accounts, email):
    await add(accounts)
    assert await accounts.by_email(email) is None
    assert await accounts.by_id(email) is None


async def test_an_address_is_taken_whatever_its_case(accounts):
    await add(accounts)
    assert await add(accounts, "ADA@example.test") is None
    assert len(await accounts.list()) == 1


async def test_of_parallel_registrations_one_wins(accounts):
    made = await asyncio.gather(*(add(accounts) for _ in range(20)))
    assert sum(account is not None for account in made) == 1


async def test_a_recreated_account_is_somebody_else(accounts):
    first = await add(accounts)
    assert await accounts.remove(first.user_id)
    assert not await accounts.remove(first.user_id)
    second = await add(accounts)
    assert second.user_id != first.user_id
    assert await accounts.by_id(first.user_id) is None


async def test_each_fact_can_be_changed_alone(accounts):
    ada = await add(accounts)
    assert await accounts.set_profile(ada.user_id, name="Ada King")
    assert await accounts.set_roles(ada.user_id, frozenset({"admin", "user"}))
    assert await accounts.set_disabled(ada.user_id, disabled=True)
    assert await accounts.set_password_hash(ada.user_id, "other")
    changed = await accounts.by_id(ada.user_id)
    assert (changed.name, changed.roles, changed.disabled) == ("Ada King", {"admin", "user"}, True)
    assert changed.password_hash == "other"
    assert await accounts.set_disabled(ada.user_id, disabled=False)
    assert not (await accounts.by_id(ada.user_id)).disabled


async def test_a_change_to_nobody_says_so(accounts):
    assert not await accounts.set_profile("nobody", name="x")
    assert not await accounts.set_roles("nobody", frozenset())
    assert not await accounts.set_disabled("nobody", disabled=True)
    assert not await accounts.set_password_hash("nobody", "x")


@pytest.mark.parametrize(
    ("stored", "expected", "done"),
    [("hash", "hash", True), ("hash", "older", False), ("hash", None, True), (None, None, True)],
)
async def test_a_hash_is_replaced_only_where_it_is_the_expected_one(accounts, stored, expected, done):
    ada = await add(accounts, password_hash=stored)
    assert await accounts.set_password_hash(ada.user_id, "new", expected=expected) == done
    assert (await accounts.by_id(ada.user_id)).password_hash == ("new" if done else stored)


async def test_pages_follow_the_address(accounts):
    for name in ("d", "B", "a", "C"):
        await add(accounts, f"{name}@example.test")
    first = await accounts.list(limit=3)
    rest = await accounts.list(after=first[-1].email, limit=3)
    assert [account.email[0] for account in [*first, *rest]] == ["a", "B", "C", "d"]


async def test_accounts_survive_a_restart_and_share_the_sessions_file(tmp_path):
    path = tmp_path / "app.db"
    store = SqliteStore(path)
    first = SqliteAccounts(path)
    ada = await add(first)
    await store.put_row("k", b"v", expected=0, expires_at=NOW)
    await first.close()
    second = SqliteAccounts(path)
    assert await second.by_id(ada.user_id) == ada
    assert (await store.row("k")).value == b"v"
    await second.close()
    await store.close()


def test_processes_that_start_at_once_make_one_table(tmp_path):
    script = "import sys; from coatcheck.login import SqliteAccounts; SqliteAccounts(sys.argv[1])"
    path = tmp_path / "accounts.db"
    started = [subprocess.Popen([sys.executable, "-c", script, path]) for _ in range(4)]
    assert [process.wait(60) for process in started] == [0] * 4
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version FROM coatcheck_accounts_schema").fetchall() == [(1,)]
    connection.close()


async def test_nobody_else_may_read_the_file(accounts, tmp_path):
    assert stat.S_IMODE((tmp_path / "accounts.db").stat().st_mode) == 0o600


def test_a_missing_folder_is_said_in_one_line(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be created") as error:
        SqliteAccounts(tmp_path / "missing" / "accounts.db")
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_database_is_said_in_one_line(tmp_path):
    (tmp_path / "accounts.db").write_text("no database " * 100)
    with pytest.raises(StoreUnavailable, match="not a SQLite database"):
        SqliteAccounts(tmp_path / "accounts.db")


async def test_a_table_that_is_gone_is_a_fault_of_the_store(accounts, tmp_path):
    with sqlite3.connect(tmp_path / "accounts.db") as connection:
        connection.execute("DROP TABLE coatcheck_accounts")
    connection.close()
    with pytest.raises(StoreUnavailable):
        await accounts.by_id("u")


async def test_a_file_of_a_newer_version_is_left_alone(accounts, tmp_path):
    with sqlite3.connect(tmp_path / "accounts.db") as connection:
        connection.execute("INSERT INTO coatcheck_accounts_schema VALUES (2)")
    connection.close()
    with pytest.raises(ConfigurationError, match="newer version"):
        SqliteAccounts(tmp_path / "accounts.db")
