"""A door whose time, randomness and store are in the test's hands."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from coatcheck import Cap, Session, SessionManager
from coatcheck.login import CHEAPEST, Account, Login, Passwords, SqliteAccounts, Throttle
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import CountingStore, ManualClock, RecordingObserver, SeededEntropy

EMAIL = "ada@example.test"
PASSWORD = "vexing gnomes pack quartz jugs"
OTHER = "five wizards jump very quickly"


class CountingPasswords(Passwords):
    """Counts the hash operations, whichever way they were asked for."""

    def __init__(self) -> None:
        super().__init__(CHEAPEST, entropy=SeededEntropy("salts"))
        self.hashed = 0

    async def hash(self, password: str) -> str:
        self.hashed += 1
        return await super().hash(password)

    async def verify(self, stored: str | None, password: str) -> Any:
        self.hashed += 1
        return await super().verify(stored, password)


@dataclass
class Door:
    """A login over a store that several workers may share."""

    accounts: SqliteAccounts
    store: CountingStore = field(default_factory=lambda: CountingStore(MemoryStore()))
    clock: ManualClock = field(default_factory=ManualClock)
    cap: Cap = field(default_factory=Cap)

    def __post_init__(self) -> None:
        self.seen = RecordingObserver()
        self.passwords = CountingPasswords()
        self.throttle = Throttle(self.store)
        self.manager: SessionManager[Any] = SessionManager(
            self.store, observers=[self.seen], clock=self.clock, entropy=SeededEntropy(7), cap=self.cap
        )
        self.login = Login(self.manager, self.accounts, passwords=self.passwords, throttle=self.throttle)

    async def visitor(self) -> Session[Any]:
        return await self.manager.open(None, ip="192.0.2.1", user_agent="Firefox Linux", request_id="r-1")

    async def add(self, email: str = EMAIL, password: str = PASSWORD, **facts: Any) -> Account:
        outcome = await self.login.users.add(email, password, **facts)
        assert outcome.ok, outcome
        return await self.account(outcome.user_id)

    async def account(self, user_id: str | None) -> Account:
        account = await self.accounts.by_id(user_id or "")
        assert account
        return account

    async def attempt(self, email: str = EMAIL, password: str = PASSWORD, **options: Any) -> Any:
        return await self.login.login(await self.visitor(), email, password, **options)

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> Session[Any]:
        """Sign in, and return the session as the next request of that browser sees it."""
        session = await self.visitor()
        outcome = await self.login.login(session, email, password)
        assert outcome.ok, outcome
        change = await self.manager.close(session)
        assert change
        return await self.manager.open(change.text)

    async def fail(self, times: int, email: str = EMAIL, **options: Any) -> list[str]:
        """Try a wrong password so many times, as fast as the throttle lets a patient attacker."""
        codes = []
        for _ in range(times):
            self.clock.advance(15 * 60)
            outcome = await self.attempt(email, "a wrong password", **options)
            codes.append(outcome.code)
        return codes


@pytest.fixture
async def door(tmp_path):
    accounts = SqliteAccounts(tmp_path / "accounts.db", entropy=SeededEntropy("ids"))
    made = Door(accounts)
    yield made
    made.passwords.close()
    await accounts.close()
