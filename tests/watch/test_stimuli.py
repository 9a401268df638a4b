"""For every event there is, what makes it happen: a table of stimuli, each of them done (ASVS 16.3)."""

import dataclasses
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from coatcheck import Cap, Identity, SessionManager
from coatcheck.core.client import NOWHERE
from coatcheck.core.errors import CorruptRecord, TooManySessions
from coatcheck.core.events import PasswordChanged, SessionCreated
from coatcheck.core.events.wire import EVENTS, describe, revive
from coatcheck.core.reason import Reason
from coatcheck.login import CHEAPEST, Login, Passwords, SqliteAccounts
from coatcheck.manager.sweeper import Sweeper
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import FailingStore, ManualClock, RecordingObserver, SeededEntropy
from coatcheck.watch.anomaly import Anomalies
from coatcheck.watch.notices import Notices
from coatcheck.web import RouteRules, SessionMiddleware, protected
from tests.web.support import OURS, call, cookie, respond

EMAIL, PASSWORD, OTHER = (
    "ada@example.test",
    "vexing gnomes pack quartz jugs",
    "five wizards jump very quickly",
)
ADA = Identity(user_id="u-ada", roles=frozenset({"user"}))
GRACE = Identity(user_id="u-grace", roles=frozenset({"admin"}))
NOBODYS = "A" * 64  # well-formed, and of no session


@dataclass
class Stage:
    """An app with all its parts, and an observer."""

    accounts: SqliteAccounts
    passwords: Passwords
    clock: ManualClock = field(default_factory=ManualClock)
    store: FailingStore = field(default_factory=lambda: FailingStore(MemoryStore()))
    seen: RecordingObserver = field(default_factory=RecordingObserver)

    def __post_init__(self) -> None:
        self.manager: SessionManager[Any] = SessionManager(
            self.store,
            observers=[self.seen],
            clock=self.clock,
            entropy=SeededEntropy("stage"),
            cap=Cap(limit=2, on_full="deny"),
        )
        self.login = Login(self.manager, self.accounts, passwords=self.passwords)

    async def sign_in(self, user: Identity = ADA) -> str:
        session = await self.manager.open(None, ip="192.0.2.1", user_agent="Firefox")
        await self.manager.begin(session, user)
        return (await self.manager.close(session)).text

    async def visit(self, text: str) -> str:
        """Use a token as a person does, and return the one to use next."""
        session = await self.manager.open(text, ip="192.0.2.1")
        change = await self.manager.close(session, active=True)
        return change.text if change else text

    async def rotate(self, text: str) -> str:
        self.clock.advance(self.manager.lifetimes.rotation.period + 1)
        following = await self.visit(text)
        await self.visit(following)
        return following

    async def attempt(self, password: str) -> None:
        await self.login.login(await self.manager.open(None, ip="192.0.2.1"), EMAIL, password)

    async def ask(self, method: str, path: str, headers: Any) -> None:
        rules = RouteRules([protected("/admin", roles={"admin"})])
        await call(SessionMiddleware(respond(), self.manager, rules=rules), method, path, headers)


Stimulus = Callable[[Stage], Awaitable[object]]
STIMULI: dict[str, Stimulus] = {}


def stimulus(*names: str) -> Callable[[Stimulus], Stimulus]:
    """Enter a stimulus into the table."""

    def enter(act: Stimulus) -> Stimulus:
        STIMULI.update(dict.fromkeys(names, act))
        return act

    return enter


@stimulus("access.denied")
async def a_user_asks_for_what_is_for_admins(stage):
    await stage.ask("GET", "/admin", cookie(await stage.sign_in()))


@stimulus("csrf.refused")
async def another_site_sends_a_form(stage):
    headers = cookie(await stage.sign_in()) | {"sec-fetch-site": "cross-site", "origin": "https://evil.test"}
    await stage.ask("POST", "/notes", headers)


@stimulus("cookie.duplicate")
async def a_cookie_comes_twice(stage):
    text = await stage.sign_in()
    await stage.ask("GET", "/", {"cookie": f"__Host-session={text}; __Host-session={NOBODYS}"} | OURS)


@stimulus("user.registered", "login.succeeded")
async def somebody_registers_and_signs_in(stage):
    await stage.login.register(await stage.manager.open(None), EMAIL, PASSWORD)
    await stage.attempt(PASSWORD)


@stimulus("login.failed", "login.throttled")
async def somebody_guesses(stage):
    await stage.login.users.add(EMAIL, PASSWORD)
    for _ in range(20):
        await stage.attempt(OTHER)


@stimulus("password.changed")
async def a_user_changes_their_password(stage):
    account = await stage.accounts.by_id((await stage.login.users.add(EMAIL, PASSWORD)).user_id)
    session = await stage.manager.open(await stage.sign_in(account.identity))
    assert (await stage.login.change_password(session, PASSWORD, OTHER)).ok


@stimulus("user.disabled", "user.revoked")
async def an_operator_closes_an_account(stage):
    await stage.login.users.disable((await stage.login.users.add(EMAIL, PASSWORD)).user_id, by="u-grace")


@stimulus("user.enabled")
async def an_operator_opens_an_account_again(stage):
    await stage.login.users.enable((await stage.login.users.add(EMAIL, PASSWORD)).user_id, by="u-grace")


@stimulus("user.unlocked")
async def an_operator_lifts_the_throttles_stop(stage):
    await stage.login.users.unlock((await stage.login.users.add(EMAIL, PASSWORD)).user_id, by="u-grace")


@stimulus("user.updated")
async def an_operator_takes_a_role_away(stage):
    await stage.sign_in()
    await stage.manager.update_user(Identity(user_id="u-ada"), by="u-grace")


@stimulus("user.impersonated")
async def an_operator_looks_at_the_app_as_a_user(stage):
    await stage.manager.impersonate(await stage.manager.open(await stage.sign_in(GRACE)), ADA)


@stimulus("session.created")
async def somebody_signs_in(stage):
    await stage.sign_in()


@stimulus("session.rotated")
async def a_token_is_renewed(stage):
    await stage.rotate(await stage.sign_in())


@stimulus("session.reauthenticated")
async def a_user_proves_themselves_again(stage):
    session = await stage.manager.open(await stage.sign_in())
    await stage.manager.reauthenticated(session)
    await stage.manager.close(session)


@stimulus("session.ended")
async def a_user_signs_out(stage):
    await stage.manager.end(await stage.manager.open(await stage.sign_in()))


@stimulus("session.refused")
async def a_user_comes_back_too_late(stage):
    text = await stage.sign_in()
    stage.clock.advance(stage.manager.lifetimes.absolute + 60)
    await stage.visit(text)


@stimulus("session.cap_reached")
async def a_user_signs_in_once_too_often(stage):
    await stage.sign_in()
    await stage.sign_in()
    with pytest.raises(TooManySessions):
        await stage.sign_in()


@stimulus("token.reused")
async def a_stolen_token_comes_back(stage):
    stolen = await stage.sign_in()
    text = stolen
    for _ in range(3):
        text = await stage.rotate(text)
    await stage.visit(stolen)


@stimulus("token.unknown")
async def somebody_makes_a_token_up(stage):
    await stage.visit(NOBODYS)


@stimulus("token.malformed")
async def somebody_sends_what_is_no_token(stage):
    await stage.visit("what is no token")


@stimulus("grant.created", "grant.rotated", "grant.revoked")
async def an_app_gets_refresh_tokens_renews_them_and_gives_them_back(stage):
    grants = stage.manager.grants
    first = await grants.begin(await stage.manager.open(await stage.sign_in()))
    stage.clock.advance(stage.manager.lifetimes.rotation.grace + 1)
    second = await grants.refresh(first.token.text, NOWHERE, active=True)
    await grants.refresh(second.token.text, NOWHERE, active=True)
    assert await grants.end_of(second.token.text, NOWHERE)


@stimulus("clock.skewed")
async def the_engines_clock_goes_wrong(stage):
    class Wrong(MemoryStore):
        async def engine_now(self) -> float:
            return stage.clock.now() + 30

    async with SessionManager(Wrong(), observers=[stage.seen], clock=stage.clock):
        pass


@stimulus("record.corrupt")
async def a_row_is_damaged(stage):
    text = await stage.sign_in()

    async def load(_id: str) -> None:
        raise CorruptRecord("a page of the disk is gone")

    stage.store.inner.load = load
    await stage.visit(text)


@stimulus("store.failed")
async def the_store_fails_while_a_token_is_committed(stage):
    text = await stage.sign_in()
    stage.clock.advance(stage.manager.lifetimes.rotation.period + 1)
    following = await stage.visit(text)
    stage.store.fail("save")
    await stage.visit(following)


@stimulus("store.rolled_back")
async def the_store_loses_its_last_writes(stage):
    text = await stage.sign_in()
    record = await stage.store.load((await stage.manager.open(text)).id)
    newer = await stage.rotate(text)
    newest = await stage.rotate(newer)
    await stage.store.delete([record.id])
    await stage.store.create(record)
    await stage.visit(newest)


@stimulus("sweep.finished")
async def the_sweeper_comes(stage):
    assert await Sweeper().sweep(stage.manager) == 0


@stimulus("stream.closed")
async def a_session_ends_while_a_page_of_it_is_open(stage):
    session = await stage.manager.open(await stage.sign_in())
    with stage.manager.watch(session) as watch:
        await stage.manager.revoke(session.id)
        assert (await watch.judge(1.0)).reason is Reason.REVOKED


@stimulus("sink.failed")
async def a_mail_server_is_down(stage):
    notices = Notices(lambda notice: 1 / 0)
    async with notices.attend(stage.manager):
        notices.observe(PasswordChanged(at=1.0, user_id="u-ada"))


@stimulus("anomaly.found")
async def a_script_signs_in_again_and_again(stage):
    anomalies = Anomalies()
    async with anomalies.attend(stage.manager):
        for number in range(6):
            anomalies.observe(SessionCreated(at=1.0, user_id="u-ada", session_id=f"s{number}"))


@pytest.fixture
async def stage(tmp_path):
    accounts = SqliteAccounts(tmp_path / "accounts.db", entropy=SeededEntropy("ids"))
    passwords = Passwords(CHEAPEST, entropy=SeededEntropy("salts"))
    yield Stage(accounts, passwords)
    passwords.close()
    await accounts.close()


def test_the_table_is_complete():
    assert STIMULI.keys() == EVENTS.keys()


@pytest.mark.parametrize("name", STIMULI)
async def test_the_event_is_heard(stage, name):
    await STIMULI[name](stage)
    heard = [event for event in stage.seen.events if event.name == name]
    assert heard, stage.seen.names()
    for event in heard:
        assert event.owasp
        assert revive(json.loads(json.dumps(describe(event)))) == event
        assert all(len(text) <= 300 and text.isprintable() for text in texts(dataclasses.asdict(event)))


def texts(value: Any) -> list[str]:
    """Return every text within a value."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list | tuple | frozenset):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []
