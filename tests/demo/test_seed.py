import pytest

from coatcheck.demo.seed import seed
from coatcheck.login import CHEAPEST, Passwords, SqliteAccounts
from coatcheck.testing import ManualClock, SeededEntropy


@pytest.fixture
async def accounts(tmp_path):
    accounts = SqliteAccounts(tmp_path / "accounts.db")
    yield accounts
    await accounts.close()


@pytest.fixture
def passwords():
    passwords = Passwords(CHEAPEST)
    yield passwords
    passwords.close()


async def test_the_first_start_makes_a_user_and_an_admin(accounts, passwords):
    ada, grace = await seed(accounts, passwords, clock=ManualClock(), entropy=SeededEntropy())
    assert (ada.email, ada.roles) == ("ada@example.test", {"user"})
    assert (grace.email, grace.roles) == ("grace@example.test", {"user", "admin"})
    account = await accounts.by_email("ada@example.test")
    assert (await passwords.verify(account.password_hash, ada.password)).ok
    assert ada.password != grace.password


async def test_a_later_start_changes_nothing_and_tells_no_password(accounts, passwords):
    await seed(accounts, passwords, clock=ManualClock(), entropy=SeededEntropy(1))
    before = await accounts.by_email("ada@example.test")
    later = await seed(accounts, passwords, clock=ManualClock(), entropy=SeededEntropy(2))
    assert [user.password for user in later] == [None, None]
    assert await accounts.by_email("ada@example.test") == before


def test_a_password_does_not_show_in_a_repr():
    from coatcheck.demo.seed import SeededUser

    assert "secret" not in repr(SeededUser("ada@example.test", "secret", frozenset()))
