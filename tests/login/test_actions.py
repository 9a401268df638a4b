"""What people do at the door."""

import asyncio

import bcrypt
import pytest
from argon2 import PasswordHasher

from coatcheck import Cap, Reason
from coatcheck.core.errors import ConfigurationError, StoreUnavailable
from coatcheck.core.events import LoginFailed, LoginSucceeded, LoginThrottled, PasswordChanged, UserRegistered
from coatcheck.login import HashingBusy, HashingPolicy, Login
from coatcheck.login.credentials import Claim
from coatcheck.testing import FailingStore
from tests.login.conftest import EMAIL, OTHER, PASSWORD

ANSWERS_NO = "invalid_credentials"


async def test_the_right_password_signs_in(door):
    ada = await door.add(name="Ada", roles=frozenset({"user"}))
    session = await door.visitor()
    outcome = await door.login.login(session, EMAIL.upper(), PASSWORD, remember=True)
    assert outcome.ok
    assert outcome.user_id == session.user_id == ada.user_id
    assert session.identity == ada.identity.authenticated(door.clock.now(), ("pwd",))
    assert session.record.remember
    [event] = door.seen.of(LoginSucceeded)
    assert (event.user_id, event.amr, event.request_id) == (ada.user_id, ("pwd",), "r-1")
    assert event.device.label == "Firefox on Linux"


async def test_a_sign_in_begins_with_at_most_three_store_calls(door):
    await door.add()
    await door.attempt()
    rows = {"row", "put_row", "delete_row"}
    assert sum(count for verb, count in door.store.counts.items() if verb not in rows) <= 3


async def refusals(door):
    """Every way to be nobody, with the cause that observers hear."""
    await door.add()
    disabled = await door.add("closed@example.test")
    await door.login.users.disable(disabled.user_id)
    without = await door.accounts.add(
        email="sso@example.test", name="", password_hash=None, roles=frozenset(), created_at=0.0
    )
    assert without
    return [
        (EMAIL, OTHER, "wrong_password"),
        ("nobody@example.test", PASSWORD, "unknown_user"),
        ("closed@example.test", PASSWORD, "user_disabled"),
        ("closed@example.test", OTHER, "wrong_password"),
        ("sso@example.test", PASSWORD, "wrong_password"),
        ("", PASSWORD, "unknown_user"),
        ("\ud800", PASSWORD, "unknown_user"),
        ("x" * 100_000, "", "unknown_user"),
    ]


async def test_every_refusal_has_the_same_answer_and_costs_the_same_work(door):
    answers, hashes, calls = set(), set(), set()
    for email, password, cause in await refusals(door):
        door.store.counts.clear()
        before = door.passwords.hashed
        outcome = await door.attempt(email, password)
        answers.add(str([getattr(outcome, field) for field in outcome.__struct_fields__]))
        hashes.add(door.passwords.hashed - before)
        calls.add(str(sorted(door.store.counts.items())))
        assert door.seen.of(LoginFailed)[-1].cause == cause
    assert len(answers) == 1
    assert hashes == {1}
    assert len(calls) == 1
    assert not door.seen.of(LoginSucceeded)


async def test_events_tell_names_apart_and_name_none(door):
    await door.add()
    for email in (EMAIL, "ADA@example.test", "hunter2", "hunter2", "hunter3"):
        await door.attempt(email, "a wrong password")
    ada, same, once, again, other = [event.tried for event in door.seen.of(LoginFailed)]
    assert ada == same
    assert once == again
    assert len({ada, once, other}) == 3
    assert "hunter" not in repr(door.seen.events)


async def test_the_throttle_answers_unknown_names_as_it_answers_users(door):
    answers = []
    for email, password, _ in await refusals(door):
        if password == PASSWORD:
            outcomes = [await door.attempt(email, "a wrong password") for _ in range(6)]
            answers.append([(outcome.code, outcome.sentence, outcome.retry_after) for outcome in outcomes])
    assert all(answer == answers[0] for answer in answers)
    assert [code for code, *_ in answers[0]] == [ANSWERS_NO] * 5 + ["too_many_attempts"]
    assert answers[0][-1][-1] == 1.0


async def test_a_locked_account_costs_no_hash_and_neither_does_a_locked_name(door):
    await door.add()
    for email in (EMAIL, "nobody@example.test"):
        assert await door.fail(100, email) == [ANSWERS_NO] * 100
        door.clock.advance(86_400)
        before = door.passwords.hashed
        outcome = await door.attempt(email)
        assert (outcome.code, outcome.retry_after) == ("too_many_attempts", 900.0)
        assert door.passwords.hashed == before
        assert door.seen.of(LoginThrottled)[-1].retry_after == 900.0


async def test_success_before_the_stop_resets_the_count(door):
    await door.add()
    for _ in range(2):
        await door.fail(99)
        door.clock.advance(900)
        assert (await door.attempt()).ok


async def test_the_known_device_is_the_owners_way_in_while_strangers_are_locked_out(door):
    await door.add()
    token = (await door.attempt()).device_token
    await door.fail(101)
    assert (await door.attempt()).code == "too_many_attempts"
    outcome = await door.attempt(device_token=token)
    assert outcome.ok
    assert outcome.device_token is None  # known already
    assert (await door.attempt()).code == "too_many_attempts"


@pytest.mark.parametrize("token", ["A" * 43, "x"])
async def test_a_made_up_device_is_a_stranger_and_gets_a_token_of_ours(door, token):
    await door.add()
    assert (await door.attempt(device_token=token)).device_token not in (None, token)
    await door.fail(100)
    assert (await door.attempt(device_token=token)).code == "too_many_attempts"


async def test_one_address_may_try_20_times_in_a_minute_whatever_the_names(door):
    codes = [(await door.attempt(f"{n}@example.test", OTHER, ip="192.0.2.9")).code for n in range(21)]
    assert codes == [ANSWERS_NO] * 20 + ["too_many_attempts"]
    assert (await door.attempt("x@example.test", OTHER, ip="192.0.2.8")).code == ANSWERS_NO


async def test_50_parallel_attempts_get_five_looks_at_the_password(door):
    await door.add()
    before = door.passwords.hashed
    outcomes = await asyncio.gather(*(door.attempt(EMAIL, OTHER) for _ in range(50)))
    assert door.passwords.hashed - before == 5
    assert sum(outcome.code == "too_many_attempts" for outcome in outcomes) == 45


async def test_a_password_too_long_is_refused_before_any_work(door):
    await door.add()
    door.store.counts.clear()
    before = door.passwords.hashed
    assert (await door.attempt(EMAIL, "x" * 1_000_000)).code == "password_too_long"
    assert door.passwords.hashed == before
    assert not door.store.counts


async def test_an_attempt_that_found_no_room_to_hash_does_not_count(door, monkeypatch):
    await door.add()

    async def busy(*_):
        raise HashingBusy("full")

    with monkeypatch.context() as patch:
        patch.setattr(door.passwords, "verify", busy)
        for _ in range(20):
            with pytest.raises(HashingBusy):
                await door.attempt()
    assert (await door.attempt()).ok


async def test_without_a_count_there_is_no_attempt(door, monkeypatch):
    await door.add()
    broken = FailingStore(door.store.inner)
    broken.fail("put_row")
    monkeypatch.setattr(door.throttle._failures, "_rows", broken)
    before = door.passwords.hashed
    with pytest.raises(StoreUnavailable):
        await door.attempt()
    assert door.passwords.hashed == before


@pytest.mark.parametrize("scheme", ["bcrypt", "weak argon2"])
async def test_a_hash_from_elsewhere_is_upgraded_at_sign_in(door, scheme):
    ada = await door.add()
    if scheme == "bcrypt":
        old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    else:
        old = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)
        door.login._passwords.policy = HashingPolicy(memory_kib=16)
    await door.accounts.set_password_hash(ada.user_id, old)
    assert (await door.attempt(EMAIL, OTHER)).code == ANSWERS_NO
    assert (await door.account(ada.user_id)).password_hash == old
    assert (await door.attempt()).ok
    upgraded = (await door.account(ada.user_id)).password_hash
    assert upgraded != old
    assert upgraded.startswith("$argon2id$")
    assert (await door.attempt()).ok


async def test_parallel_sign_ins_that_upgrade_one_hash_all_succeed(door):
    ada = await door.add()
    await door.accounts.set_password_hash(
        ada.user_id, bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    )
    outcomes = await asyncio.gather(*(door.attempt() for _ in range(5)))
    assert all(outcome.ok for outcome in outcomes)
    assert (await door.attempt()).ok


async def test_an_upgrade_that_finds_no_room_waits_for_the_next_sign_in(door, monkeypatch):
    ada = await door.add()
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    await door.accounts.set_password_hash(ada.user_id, old)

    async def busy(_):
        raise HashingBusy("full")

    monkeypatch.setattr(door.passwords, "hash", busy)
    assert (await door.attempt()).ok
    assert (await door.account(ada.user_id)).password_hash == old


async def meanwhile(door, monkeypatch, act):
    """Do something between the look at the password and the beginning of the session."""
    begin = door.manager.begin

    async def later(*args, **options):
        monkeypatch.setattr(door.manager, "begin", begin)
        await act()
        await begin(*args, **options)

    monkeypatch.setattr(door.manager, "begin", later)


async def test_a_sign_in_that_races_with_a_new_password_does_not_survive_it(door, monkeypatch):
    ada = await door.add()
    await meanwhile(door, monkeypatch, lambda: door.login.users.reset_password(ada.user_id, OTHER))
    assert (await door.attempt()).code == ANSWERS_NO
    assert door.seen.of(LoginFailed)[-1].cause == "account_changed"
    assert await door.manager.list(ada.user_id) == []


async def test_a_sign_in_that_races_with_a_disabling_does_not_survive_it(door, monkeypatch):
    ada = await door.add()
    await meanwhile(door, monkeypatch, lambda: door.login.users.disable(ada.user_id))
    assert (await door.attempt()).code == ANSWERS_NO
    assert await door.manager.list(ada.user_id) == []


async def test_a_sign_in_that_races_with_a_demotion_has_the_new_roles(door, monkeypatch):
    ada = await door.add(roles=frozenset({"admin"}))
    await meanwhile(door, monkeypatch, lambda: door.login.users.set_roles(ada.user_id, frozenset()))
    session = await door.visitor()
    assert (await door.login.login(session, EMAIL, PASSWORD)).ok
    assert session.identity.roles == frozenset()


async def test_an_upgrade_never_undoes_a_new_password(door, monkeypatch):
    ada = await door.add()
    await door.accounts.set_password_hash(
        ada.user_id, bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    )
    mint = door.login._devices.mint

    async def later(*args):
        await door.login.users.reset_password(ada.user_id, OTHER)
        return await mint(*args)

    monkeypatch.setattr(door.login._devices, "mint", later)
    assert (await door.attempt()).ok
    monkeypatch.undo()
    assert (await door.attempt()).code == ANSWERS_NO
    assert (await door.attempt(EMAIL, OTHER)).ok


async def test_the_cap_may_deny_a_sign_in(door):
    door.manager._context.cap = Cap(limit=1, on_full="deny")
    await door.add()
    assert (await door.attempt()).ok
    assert (await door.attempt()).code == "too_many_sessions"


async def test_registering_makes_an_account_and_signs_nobody_in(door):
    session = await door.visitor()
    outcome = await door.login.register(session, f" {EMAIL} ", PASSWORD, name="Ada", ip="192.0.2.1")
    assert outcome.ok
    assert session.identity is None
    account = await door.account(outcome.user_id)
    assert (account.email, account.name, account.roles) == (EMAIL, "Ada", frozenset())
    [event] = door.seen.of(UserRegistered)
    assert (event.user_id, event.request_id) == (outcome.user_id, "r-1")


async def test_registering_is_bounded_by_address(door):
    codes = [
        (await door.login.register(await door.visitor(), "no address", PASSWORD, ip="192.0.2.1")).code
        for _ in range(21)
    ]
    assert codes == ["email_invalid"] * 20 + ["too_many_attempts"]
    assert door.seen.names() == ["login.throttled"]


async def test_logging_out_ends_the_session_and_may_be_repeated(door):
    await door.add()
    session = await door.sign_in()
    id = session.id
    assert (await door.login.logout(session)).ok
    assert (await door.login.logout(session)).ok
    assert (await door.store.load(id)).reason is Reason.LOGGED_OUT


async def test_reauthentication_renews_the_session(door):
    ada = await door.add()
    session = await door.sign_in()
    door.clock.advance(600)
    assert (await door.login.reauthenticate(session, OTHER)).code == ANSWERS_NO
    outcome = await door.login.reauthenticate(session, PASSWORD)
    assert (outcome.ok, outcome.user_id) == (True, ada.user_id)
    renewed = await door.manager.open((await door.manager.close(session)).text)
    assert renewed.identity.auth_time == door.clock.now()


async def test_whoever_is_not_signed_in_cannot_do_what_users_do(door):
    visitor = await door.visitor()
    assert (await door.login.reauthenticate(visitor, PASSWORD)).code == "no_session"
    assert (await door.login.change_password(visitor, PASSWORD, OTHER)).code == "no_session"
    assert (await door.login.change_name(visitor, "Ada")).code == "no_session"


async def test_a_session_has_a_lane_of_its_own_to_reauthenticate_in(door):
    await door.add()
    session = await door.sign_in()
    await door.fail(101)
    for _ in range(4):
        assert (await door.login.reauthenticate(session, OTHER)).code == ANSWERS_NO
    assert (await door.login.reauthenticate(session, PASSWORD)).ok


async def test_who_holds_a_session_cannot_guess_its_password_for_ever(door):
    await door.add()
    session = await door.sign_in()
    await door.fail(100)
    codes = []
    for _ in range(11):
        door.clock.advance(900)
        codes.append((await door.login.reauthenticate(session, OTHER)).code)
    assert codes == [ANSWERS_NO] * 10 + ["too_many_attempts"]


async def test_the_account_of_a_session_may_be_gone(door):
    ada = await door.add()
    session = await door.sign_in()
    await door.accounts.remove(ada.user_id)
    assert (await door.login.reauthenticate(session, PASSWORD)).code == ANSWERS_NO
    assert (await door.login.change_name(session, "Ada")).code == "unknown_user"


async def test_a_new_password_ends_the_other_sessions_and_renews_this_one(door):
    ada = await door.add()
    other, session = await door.sign_in(), await door.sign_in()
    door.clock.advance(60)
    assert (await door.login.change_password(session, PASSWORD, OTHER)).ok
    change = await door.manager.close(session)
    assert change.text != session.token.text
    renewed = await door.manager.open(change.text)
    assert renewed.identity.auth_time == door.clock.now()
    assert [record.id for record in await door.manager.list(ada.user_id)] == [session.id]
    assert (await door.store.load(other.id)).reason is Reason.REVOKED
    assert door.seen.of(PasswordChanged)[0].session_id == session.id
    assert (await door.attempt()).code == ANSWERS_NO
    assert (await door.attempt(EMAIL, OTHER)).ok


@pytest.mark.parametrize(
    ("current", "new", "code"),
    [
        (OTHER, "a wholly new passphrase", ANSWERS_NO),
        (PASSWORD, "short", "password_too_short"),
        (PASSWORD, "password12345678", "password_common"),
        (PASSWORD, f"{EMAIL}", "password_personal"),
        (PASSWORD, "x" * 2_000, "password_too_long"),
        ("x" * 2_000, OTHER, "password_too_long"),
    ],
)
async def test_a_password_is_changed_only_by_who_knows_it_and_to_a_good_one(door, current, new, code):
    ada = await door.add()
    other, session = await door.sign_in(), await door.sign_in()
    assert (await door.login.change_password(session, current, new)).code == code
    assert len(await door.manager.list(ada.user_id)) == 2
    assert other.id in [record.id for record in await door.manager.list(ada.user_id)]
    assert (await door.attempt()).ok


async def test_of_two_changes_at_once_one_wins(door):
    await door.add()
    sessions = [await door.sign_in(), await door.sign_in()]
    news = [OTHER, "a wholly new passphrase"]
    outcomes = await asyncio.gather(
        *(
            door.login.change_password(session, PASSWORD, new)
            for session, new in zip(sessions, news, strict=True)
        )
    )
    assert sorted(outcome.code for outcome in outcomes) == ["", ANSWERS_NO]
    winner = news[[outcome.ok for outcome in outcomes].index(True)]
    assert (await door.attempt(EMAIL, winner)).ok


async def test_a_new_password_lets_strangers_start_over(door):
    await door.add()
    session = await door.sign_in()
    await door.fail(100)
    door.clock.advance(-100 * 900)
    assert (await door.login.change_password(session, PASSWORD, OTHER)).ok
    assert (await door.attempt(EMAIL, OTHER)).ok


async def test_a_new_name_shows_in_every_session(door):
    ada = await door.add(name="Ada")
    other, session = await door.sign_in(), await door.sign_in()
    assert (await door.login.change_name(session, "x" * 201)).code == "name_invalid"
    assert (await door.login.change_name(session, "Ada King")).ok
    assert (await door.account(ada.user_id)).name == "Ada King"
    assert (await door.store.load(other.id)).identity.name == "Ada King"


def test_a_claim_and_an_outcome_keep_their_secrets():
    claim = Claim(session=None, account=None, subject="name x", password=PASSWORD, known="device")
    assert PASSWORD not in repr(claim)


async def test_an_outcome_shows_no_device_token(door):
    await door.add()
    outcome = await door.attempt()
    assert outcome.device_token not in repr(outcome)
    assert repr(await door.attempt(EMAIL, OTHER)) == "<Outcome invalid_credentials>"


async def test_a_store_without_rows_is_refused_when_made(door):
    class Rowless:
        store, entropy = object(), door.manager.entropy

    with pytest.raises(ConfigurationError, match="keeps no rows"):
        Login(Rowless(), door.accounts)


async def test_another_factor_lets_a_shorter_password_do(door):
    short, shorter = "plum gnu", "newt elk"
    for with_factor, code in ((False, "password_too_short"), (True, "")):
        asked = {"with_factor": with_factor}
        assert (await door.login.register(await door.visitor(), EMAIL, short, **asked)).code == code
    session = await door.sign_in(EMAIL, short)
    assert (await door.login.change_password(session, short, shorter)).code == "password_too_short"
    assert (await door.login.change_password(session, short, shorter, with_factor=True)).ok
    user_id = session.user_id
    assert (await door.login.users.reset_password(user_id, short)).code == "password_too_short"
    assert (await door.login.users.reset_password(user_id, short, with_factor=True)).ok


async def test_a_code_is_told_in_the_sentence_of_its_outcome(door):
    wrong = await door.attempt(password="not the right one")
    short = await door.login.register(await door.visitor(), EMAIL, "short")
    for outcome in (wrong, short):
        assert door.login.sentence(outcome.code) == outcome.sentence
    assert "at most 1,024 characters" in door.login.sentence("password_too_long")
    assert door.login.sentence("<b>nonsense") is None
