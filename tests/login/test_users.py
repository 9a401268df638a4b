"""What operators do about users."""

import asyncio

import pytest

from coatcheck import Reason
from coatcheck.core.events import (
    PasswordChanged,
    UserDisabled,
    UserEnabled,
    UserRevoked,
    UserUnlocked,
    UserUpdated,
)
from tests.login.conftest import EMAIL, OTHER, PASSWORD


@pytest.mark.parametrize(
    ("email", "password", "name", "code"),
    [
        ("no address", PASSWORD, "", "email_invalid"),
        (EMAIL, "short", "", "password_too_short"),
        (EMAIL, "lovelace-1815-12-10", "Ada Lovelace", "password_personal"),
        (EMAIL, PASSWORD, "Ada\nadmin", "name_invalid"),
        ("GRACE@example.test", PASSWORD, "", "email_taken"),
    ],
)
async def test_what_is_no_account_is_not_added(door, email, password, name, code):
    await door.add("grace@example.test")
    outcome = await door.login.users.add(email, password, name=name)
    assert outcome.code == code
    assert outcome.sentence
    assert len(await door.accounts.list()) == 1


async def test_a_disabled_user_is_out_at_once_and_back_when_enabled(door):
    ada = await door.add()
    session = await door.sign_in()
    assert (await door.login.users.disable(ada.user_id)).ok
    assert (await door.store.load(session.id)).reason is Reason.USER_DISABLED
    assert door.seen.of(UserDisabled)[0].user_id == ada.user_id
    assert (await door.attempt()).code == "invalid_credentials"
    assert (await door.login.users.enable(ada.user_id)).ok
    assert (await door.attempt()).ok


async def test_the_events_of_an_operators_acts_name_the_operator(door):
    user_id, users = (await door.add()).user_id, door.login.users
    for act in (
        users.disable(user_id, by="u-grace"),
        users.enable(user_id, by="u-grace"),
        users.unlock(user_id, by="u-grace"),
        users.set_name(user_id, "Ada King", by="u-grace"),
        users.set_roles(user_id, frozenset({"user"}), by="u-grace"),
        users.reset_password(user_id, OTHER, by="u-grace"),
        users.remove(user_id, by="u-grace"),
    ):
        assert (await act).ok
    kinds = [UserRevoked, UserDisabled, UserEnabled, UserUnlocked]
    kinds += [UserUpdated, UserUpdated, UserRevoked, PasswordChanged, UserRevoked]
    told = [event for event in door.seen.events if event.actor]
    assert [type(event) for event in told] == kinds
    assert {(event.user_id, event.actor) for event in told} == {(user_id, "u-grace")}


async def test_new_roles_hold_in_every_session_at_once(door):
    ada = await door.add(roles=frozenset({"admin"}))
    session = await door.sign_in()
    assert (await door.login.users.set_roles(ada.user_id, frozenset({"user"}))).ok
    assert (await door.store.load(session.id)).identity.roles == {"user"}


async def test_of_two_changes_at_once_the_sessions_show_what_the_account_does(door, monkeypatch):
    ada = await door.add()
    session = await door.sign_in()
    update, changed = door.manager.update_user, []

    async def slow(identity, by):
        if not changed:  # somebody else changes the account after it was read, and is faster
            changed.append(True)
            await door.login.users.set_roles(ada.user_id, frozenset({"late"}))
        return await update(identity, by=by)

    monkeypatch.setattr(door.manager, "update_user", slow)
    await door.login.users.set_roles(ada.user_id, frozenset({"early"}))
    assert (await door.account(ada.user_id)).roles == {"late"}
    assert (await door.store.load(session.id)).identity.roles == {"late"}


async def test_a_reset_ends_every_session_and_every_known_device(door):
    ada = await door.add()
    token = (await door.attempt()).device_token
    await door.sign_in()
    assert (await door.login.users.reset_password(ada.user_id, OTHER)).ok
    assert await door.manager.list(ada.user_id) == []
    assert door.seen.of(PasswordChanged)[0].user_id == ada.user_id
    assert (await door.attempt()).code == "invalid_credentials"
    assert (await door.attempt(EMAIL, OTHER, device_token=token)).device_token is not None


async def test_a_reset_lifts_the_stop(door):
    ada = await door.add()
    await door.fail(101)
    assert (await door.login.users.reset_password(ada.user_id, OTHER)).ok
    assert (await door.attempt(EMAIL, OTHER)).ok


async def test_a_reset_takes_no_bad_password(door):
    ada = await door.add()
    assert (await door.login.users.reset_password(ada.user_id, "short")).code == "password_too_short"
    assert (await door.attempt()).ok


async def test_an_operator_may_lift_the_stop_alone(door):
    ada = await door.add()
    await door.fail(101)
    assert (await door.login.users.unlock(ada.user_id)).ok
    assert (await door.attempt()).ok


async def test_who_comes_back_under_the_same_address_is_somebody_else(door):
    ada = await door.add()
    session = await door.sign_in()
    assert (await door.login.users.remove(ada.user_id)).ok
    again = await door.add()
    assert again.user_id != ada.user_id
    assert (await door.store.load(session.id)).reason is Reason.REVOKED
    assert await door.manager.list(again.user_id) == []


async def test_nobody_can_be_acted_upon(door):
    users = door.login.users
    outcomes = await asyncio.gather(
        users.disable("x"),
        users.enable("x"),
        users.set_roles("x", frozenset()),
        users.set_name("x", "y"),
        users.reset_password("x", OTHER),
        users.unlock("x"),
        users.remove("x"),
        users._publish("x", None),
    )
    assert {outcome.code for outcome in outcomes} == {"unknown_user"}
