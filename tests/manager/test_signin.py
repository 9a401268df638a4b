"""Sign-in: a new id and chain, always, with facts no older than the last change to the account."""

import msgspec
import pytest

from coatcheck import Cap, Identity, Reason, SessionEnded
from coatcheck.core.errors import StaleUser, TooManySessions
from coatcheck.core.events import CapReached, SessionCreated, SessionOver
from coatcheck.core.record import Tombstone
from tests.manager.conftest import ADA, Bench


async def test_it_always_makes_a_new_session_and_ends_the_old_one(bench: Bench) -> None:
    first = await bench.sign_in()
    old_jar, old_id = bench.jar, first.id
    second = await bench.sign_in()
    assert second.id != old_id
    refused = await bench.manager.open(old_jar)
    assert refused.reason is Reason.SUPERSEDED
    assert len(bench.seen.of(SessionCreated)) == 2


async def test_only_allowed_keys_survive_from_a_visitor() -> None:
    bench = Bench(carry_over=frozenset({"cart"}))
    visitor = await bench.open()
    visitor.update(cart=[1], role="admin")
    await bench.close(visitor)
    session = await bench.sign_in()
    assert dict(session) == {"cart": [1]}
    again = await bench.sign_in()
    assert dict(again) == {}, "another sign-in takes nothing over from a user's session"


async def test_data_set_after_sign_in_is_kept(bench: Bench) -> None:
    session = await bench.open()
    await bench.manager.begin(session, ADA)
    session["flash"] = "welcome"
    await bench.close(session, status=303)
    assert (await bench.open())["flash"] == "welcome"


@pytest.mark.parametrize("status", [401, 503])
async def test_a_failed_response_signs_nobody_in(bench: Bench, status: int) -> None:
    await bench.sign_in()
    jar = bench.jar
    session = await bench.open()
    await bench.manager.begin(session, msgspec.structs.replace(ADA, user_id="u-eve"))
    assert await bench.close(session, status=status) is None
    made = await bench.store.load(session.id or "")
    assert isinstance(made, Tombstone)
    assert made.reason is Reason.REVOKED, "nobody signed out"
    kept = await bench.manager.open(jar)
    assert kept.user_id == "u-ada", "the session that was there goes on"


async def test_remember_makes_a_cookie_that_lasts_in_seconds(bench: Bench) -> None:
    session = await bench.open()
    await bench.manager.begin(session, ADA, remember=True)
    change = await bench.close(session)
    assert change.max_age == 30 * 24 * 3600


async def test_a_demotion_that_races_with_the_sign_in_wins(bench: Bench) -> None:
    facts = [frozenset({"admin"}), frozenset({"user"})]

    async def account(user_id: str) -> Identity:
        roles = facts.pop(0)
        if facts:
            await bench.manager.update_user(msgspec.structs.replace(ADA, roles=frozenset({"user"})))
        return Identity(user_id=user_id, roles=roles)

    session = await bench.open()
    await bench.manager.begin(session, ADA, refresh=account)
    assert session.identity is not None
    assert session.identity.roles == {"user"}


async def test_a_disabled_account_does_not_sign_in(bench: Bench) -> None:
    async def account(_user_id: str) -> None:
        return None

    with pytest.raises(SessionEnded) as refused:
        await bench.manager.begin(await bench.open(), ADA, refresh=account)
    assert refused.value.reason is Reason.USER_DISABLED


async def test_facts_that_never_stand_still_give_up(bench: Bench) -> None:
    async def account(user_id: str) -> Identity:
        await bench.manager.revoke_user(user_id)
        return ADA

    with pytest.raises(StaleUser):
        await bench.manager.begin(await bench.open(), ADA, refresh=account)


async def test_the_cap_evicts_the_oldest() -> None:
    bench = Bench(cap=Cap(limit=2))
    ids = []
    for _ in range(3):
        bench.jar = None
        bench.clock.advance(1)
        ids.append((await bench.sign_in()).id)
    assert [record.id for record in await bench.manager.list("u-ada")] == ids[:0:-1]
    assert bench.seen.of(CapReached)[0].evicted == (ids[0],)
    assert bench.seen.of(SessionOver)[0].reason is Reason.EVICTED


async def test_the_cap_may_deny() -> None:
    bench = Bench(cap=Cap(limit=1, on_full="deny"))
    await bench.sign_in()
    bench.jar = None
    with pytest.raises(TooManySessions):
        await bench.sign_in()
    assert bench.seen.of(CapReached)[0].evicted == ()


async def test_signing_in_and_out_in_one_request_leaves_nothing_alive(bench: Bench) -> None:
    await bench.sign_in()
    session = await bench.open()
    await bench.manager.begin(session, ADA)
    await bench.manager.end(session)
    assert (await bench.close(session)).text is None
    assert await bench.manager.list("u-ada") == []


async def test_signing_out_twice_is_fine(bench: Bench) -> None:
    await bench.sign_in()
    for _ in range(2):
        session = await bench.open()
        await bench.manager.end(session)
        assert (await bench.manager.close(session)).text is None  # type: ignore[union-attr]
    nobody = await bench.manager.open(None)
    await bench.manager.end(nobody)
    assert len(bench.seen.of(SessionOver)) == 1
