"""The embedded user table, in every database that it can live in."""

import asyncio

import psycopg
import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.login import SqliteAccounts, open_accounts

NOW = 1_700_000_000.0


@pytest.fixture(params=["sqlite", "postgres"])
async def accounts(request, tmp_path):
    if request.param == "sqlite":
        made = SqliteAccounts(tmp_path / "accounts.db")
    else:
        url = request.getfixturevalue("emptied")
        made = open_accounts(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("TRUNCATE coatcheck_accounts")
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


@pytest.mark.parametrize(
    "email", ["", "grace@example.test", "ada\ud800@example.test", "ada\0@example.test", "' OR 1=1 --", "%"]
)
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


async def test_a_page_begins_anywhere(accounts):
    await add(accounts)
    assert [account.email for account in await accounts.list(after="a\0\ud800")] == ["ada@example.test"]


@pytest.mark.parametrize("url", ["memory://", "redis://cache", "accounts.db"])
def test_accounts_need_a_database_that_speaks_sql(url):
    with pytest.raises(ConfigurationError, match="speaks SQL"):
        open_accounts(url)
