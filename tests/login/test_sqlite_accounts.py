"""What is SQLite's own about the embedded user table."""

import sqlite3
import stat
import subprocess
import sys

import pytest

from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.login import SqliteAccounts
from coatcheck.stores.sqlite import SqliteStore
from tests.login.test_sql_accounts import NOW, add


@pytest.fixture
async def accounts(tmp_path):
    made = SqliteAccounts(tmp_path / "accounts.db")
    yield made
    await made.close()


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
