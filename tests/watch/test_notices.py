"""Notices: what a user should hear of, handed over beside the requests and never in their way."""

import asyncio
import logging
import threading

import pytest

from coatcheck import Identity, Reason, SessionManager
from coatcheck.core.device import describe
from coatcheck.core.events import AnomalyFound, LoginSucceeded, PasswordChanged, SessionOver, SinkFailed
from coatcheck.login import Login, SqliteAccounts
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import ManualClock, RecordingObserver, SeededEntropy
from coatcheck.watch import notices as room
from coatcheck.watch.notices import NewDevice, Notices, PasswordReplaced, SessionsEnded, Suspicion
from tests.login.conftest import CountingPasswords
from tests.manager.feeds import until

ADA = Identity(user_id="u-ada", name="Ada")
FIREFOX = "Mozilla/5.0 (X11; Linux) Firefox/140"


class Post:
    """An application that keeps what it should send."""

    def __init__(self, send=None, **how):
        self.letters, self.seen, self.clock = [], RecordingObserver(), ManualClock()
        self.notices = Notices(send or self.letters.append, **how)
        self.manager = SessionManager(
            MemoryStore(), observers=[self.notices, self.seen], clock=self.clock, entropy=SeededEntropy(1)
        )

    async def sign_in(self):
        session = await self.manager.open(None)
        await self.manager.begin(session, ADA)
        await self.manager.close(session)
        return session.id

    def tell(self, count=1):
        for _ in range(count):
            self.manager.emit(PasswordChanged(at=1.0, user_id="u-ada"))


async def test_a_sign_in_from_an_unknown_device_and_a_new_password_are_told(tmp_path):
    post, passwords = Post(), CountingPasswords()
    accounts = SqliteAccounts(tmp_path / "accounts.db")
    async with post.manager as manager:
        login = Login(manager, accounts, passwords=passwords)
        await login.users.add("ada@example.test", "correct horse battery")
        session = await manager.open(None, ip="192.0.2.1", user_agent=FIREFOX)
        outcome = await login.login(session, "ada@example.test", "correct horse battery")
        await login.change_password(session, "correct horse battery", "another long password")
        known = await manager.open(None)
        await login.login(
            known, "ada@example.test", "another long password", device_token=outcome.device_token
        )
    await accounts.close()
    passwords.close()
    device, at = describe("192.0.2.1", FIREFOX), post.clock.now()
    assert post.letters == [
        NewDevice(user_id=outcome.user_id, at=at, device=device, session_id=session.id),
        PasswordReplaced(user_id=outcome.user_id, at=at, device=device),
    ]


async def test_sessions_that_are_revoked_together_are_one_notice():
    post = Post()
    async with post.manager as manager:
        for _ in range(3):
            await post.sign_in()
        await manager.revoke_user("u-ada", reason=Reason.USER_DISABLED, by="u-grace")
        post.clock.advance(1)
        await manager.revoke(await post.sign_in())
        post.clock.advance(1)
        await manager.revoke_user("u-ada")  # there is none left
    assert [(said.actor, said.reason, said.sessions) for said in post.letters] == [
        ("u-grace", "user_disabled", 3),
        (None, "revoked", 1),
    ]


async def test_sessions_that_had_expired_already_are_none():
    post = Post()
    async with post.manager as manager:
        await post.sign_in()
        post.clock.advance(40 * 86_400)
        assert await manager.sweep() == 1
        post.manager.emit(SessionOver(at=2.0, user_id="u-ada", reason=Reason.REVOKED))
        post.manager.emit(room.UserRevoked(at=2.0, user_id="u-ada", reason=Reason.REVOKED, sessions=0))
    assert post.letters == []


async def test_what_the_user_did_themselves_and_what_concerns_no_user_is_not_told():
    post = Post()
    async with post.manager:
        for reason in (Reason.LOGGED_OUT, Reason.EVICTED, Reason.IDLE_TIMEOUT):
            post.manager.emit(SessionOver(at=1.0, user_id="u-ada", reason=reason))
        post.manager.emit(SessionOver(at=1.0, reason=Reason.REVOKED))
        post.manager.emit(LoginSucceeded(at=1.0, user_id="u-ada", amr=("pwd",)))
    assert post.letters == []


async def test_a_stolen_cookie_is_told_and_so_is_a_suspicion_whose_policy_says_so():
    post = Post()
    found = {"at": 1.0, "user_id": "u-ada", "rule": "new_country", "severity": "warning"}
    evidence = (("from", "NZ"),)
    async with post.manager as manager:
        manager.emit(SessionOver(at=1.0, user_id="u-ada", reason=Reason.TOKEN_REUSED))
        manager.emit(AnomalyFound(**found, response="log", evidence=evidence))
        manager.emit(AnomalyFound(**found, response="notify", evidence=evidence))
    assert post.letters == [
        SessionsEnded(user_id="u-ada", at=1.0, reason=Reason.TOKEN_REUSED, sessions=1),
        Suspicion(user_id="u-ada", at=1.0, rule="new_country", evidence=evidence),
    ]


async def test_a_function_that_blocks_runs_in_a_thread_and_a_coroutine_function_in_the_loop():
    ran_in = []

    async def on_the_loop(_):
        ran_in.append(threading.get_ident())

    for send in (lambda _: ran_in.append(threading.get_ident()), on_the_loop):
        post = Post(send)
        async with post.manager:
            post.tell()
    assert ran_in[0] != threading.get_ident() == ran_in[1]


async def test_a_notice_that_cannot_be_sent_harms_nobody_and_is_counted(caplog):
    sent = []

    async def send(_):
        if len(sent) < 2:
            sent.append("broken")
            if len(sent) == 2:
                await asyncio.Event().wait()
            raise OSError("no mail server")
        sent.append("right")

    post = Post(send, patience=0.05)
    async with post.manager:
        post.tell(3)
        await until(lambda: len(sent) == 3)
    assert sent == ["broken", "broken", "right"]
    assert [(event.sink, event.lost) for event in post.seen.of(SinkFailed)] == [("notices", 1)] * 2
    assert caplog.text.count("PasswordReplaced could not be sent") == 2


async def test_a_flood_fills_no_memory(monkeypatch, caplog):
    monkeypatch.setattr(room, "MOST_WAITING", 2)
    post = Post()
    async with post.manager:
        post.tell(5)
    assert len(post.letters) == 2
    assert [event.lost for event in post.seen.of(SinkFailed)] == [1, 1, 1]


async def test_an_app_that_stops_sends_what_waits_but_not_for_ever(caplog):
    async def never(_):
        await asyncio.Event().wait()

    post = Post(never, patience=0.05)
    with caplog.at_level(logging.ERROR, "coatcheck"):
        async with post.manager:
            post.tell(3)
    assert sum(event.lost for event in post.seen.of(SinkFailed)) == 3
    assert "3 notices were not sent" in caplog.text


async def test_without_a_manager_around_it_notices_are_sent_all_the_same(caplog):
    def send(notice):
        raise ValueError(notice)

    broken = Notices(send)
    broken.observe(PasswordChanged(at=1.0, user_id="u-ada"))
    await until(lambda: "could not be sent" in caplog.text)
    letters = []
    works = Notices(letters.append)
    works.observe(PasswordChanged(at=1.0, user_id="u-ada"))
    await until(lambda: letters)


@pytest.mark.parametrize("notice", [NewDevice, PasswordReplaced, SessionsEnded, Suspicion])
def test_a_notice_holds_no_credential(notice):
    assert not {"token", "password", "digest"} & set(notice.__dataclass_fields__)
