"""Grants: refresh tokens begun, exchanged and given back, on stores that lose races and break."""

import asyncio

import msgspec
import pytest

from coatcheck import SessionEnded, StoreUnavailable
from coatcheck.core.client import KnownClient
from coatcheck.core.events import GrantCreated, GrantRevoked, GrantRotated, SessionOver, TokenReused
from coatcheck.core.grant import MAX_GRANTS
from coatcheck.core.reason import Reason
from coatcheck.core.token import another
from coatcheck.manager import Granted
from coatcheck.stores import SqliteStore
from coatcheck.testing import FailingStore, SeededEntropy
from tests.manager.conftest import ADA, Bench

CLIENT = KnownClient("192.0.2.9", "An app")
GRACE = 15.0


@pytest.fixture(params=["memory", "sqlite"])
async def bench(request, tmp_path):
    if request.param == "memory":
        yield Bench()
        return
    store = SqliteStore(tmp_path / "app.db")
    yield Bench(failing=FailingStore(store))
    await store.close()


async def begin(bench):
    session = await bench.manager.open(None)
    await bench.manager.begin(session, ADA)
    bench.jar = (await bench.manager.close(session)).text
    granted = await bench.manager.grants.begin(session)
    bench.clock.advance(GRACE + 1)
    bench.store.reset()
    return granted


async def refresh(bench, granted, *, active=False):
    text = granted if isinstance(granted, str) else granted.token.text
    return await bench.manager.grants.refresh(text, CLIENT, active=active)


async def use(bench, granted):
    """An access token that went out with a grant is used."""
    record = granted.record
    return await bench.manager.grants.open(
        record.id, record.user_id, grant=granted.grant, step=granted.step, client=CLIENT
    )


async def test_a_refresh_is_an_offer_that_writes_nothing_and_is_the_same_every_time(bench):
    first = await begin(bench)
    answers = [await refresh(bench, first) for _ in range(3)]
    assert len({answer.token.text for answer in answers}) == 1
    assert (bench.store.reads, bench.store.writes) == (3, 0)
    assert answers[0].step == 2
    assert "grant" in repr(first.record.grants[0]).lower()


async def test_the_successor_is_committed_at_its_first_use_in_one_read_and_one_write(bench):
    first = await begin(bench)
    second = await refresh(bench, first)
    bench.store.reset()
    third = await refresh(bench, second)
    assert (bench.store.reads, bench.store.writes) == (1, 1)
    assert (third.token, third.step) == (None, 2)
    [event] = bench.seen.of(GrantRotated)
    assert (event.grant, event.generation, event.session_id) == (first.grant, 2, first.record.id)
    bench.clock.advance(GRACE + 1)
    assert (await refresh(bench, second)).token.generation == 3


async def test_an_access_token_of_the_successor_retires_the_token_before_it(bench):
    first = await begin(bench)
    second = await refresh(bench, first)
    assert (await use(bench, second)).user_id == ADA.user_id
    bench.clock.advance(GRACE - 1)
    assert (await refresh(bench, first)).token is None
    bench.clock.advance(2)
    assert await refresh(bench, first) is Reason.TOKEN_REUSED
    assert await refresh(bench, second) is Reason.UNKNOWN_TOKEN
    assert len(bench.seen.of(TokenReused)) == 1
    assert [event.reason for event in bench.seen.of(SessionOver)] == [Reason.TOKEN_REUSED]


async def test_a_replay_ends_the_session_the_cookie_and_all_access_tokens(bench):
    first = await begin(bench)
    second = await refresh(bench, first)
    await refresh(bench, second)
    bench.clock.advance(GRACE + 1)
    assert await refresh(bench, first) is Reason.TOKEN_REUSED
    assert (await bench.open()).reason is Reason.TOKEN_REUSED
    assert (await use(bench, second)).reason is Reason.TOKEN_REUSED


async def test_twenty_parallel_refreshes_on_two_workers_agree(bench):
    first = await begin(bench)
    workers = [bench, bench.worker(2)]
    offers = await asyncio.gather(*(refresh(workers[n % 2], first) for n in range(20)))
    assert len({offer.token.text for offer in offers}) == 1
    second = offers[0]
    commits = await asyncio.gather(*(refresh(workers[n % 2], second) for n in range(20)))
    assert all(isinstance(granted, Granted) for granted in commits)
    assert {granted.step for granted in commits} == {2}
    assert len({granted.record.grants for granted in commits}) == 1
    bench.clock.advance(GRACE + 1)
    thirds = await asyncio.gather(*(refresh(workers[n % 2], second) for n in range(20)))
    assert len({granted.token.text for granted in thirds}) == 1


async def test_a_refresh_of_one_client_never_undoes_anothers(bench):
    first = await begin(bench)
    other = await bench.manager.grants.begin(await bench.open())
    bench.clock.advance(GRACE + 1)
    seconds = [await refresh(bench, granted) for granted in (first, other)]
    done = await asyncio.gather(*(refresh(bench, granted) for granted in seconds))
    generations = {grant.chain.generation for grant in (await bench.store.load(first.record.id)).grants}
    assert generations == {2}
    assert {granted.grant for granted in done} == {first.grant, other.grant}


async def test_a_session_has_ten_grants_and_the_oldest_makes_room(bench):
    first = await begin(bench)
    session = await bench.open()
    several = await asyncio.gather(*(bench.manager.grants.begin(session) for _ in range(MAX_GRANTS)))
    assert len((await bench.store.load(first.record.id)).grants) == MAX_GRANTS
    assert await refresh(bench, first) is Reason.UNKNOWN_TOKEN
    assert len({granted.token.text for granted in several}) == MAX_GRANTS
    assert len(bench.seen.of(GrantCreated)) == MAX_GRANTS + 1


async def test_a_cookie_is_no_refresh_token_and_a_refresh_token_no_cookie(bench):
    first = await begin(bench)
    assert await refresh(bench, bench.jar) is Reason.UNKNOWN_TOKEN
    assert (await bench.manager.open(first.token.text)).reason is Reason.UNKNOWN_TOKEN
    assert await refresh(bench, "no token at all") is Reason.UNKNOWN_TOKEN
    assert (await bench.open()).user_id == ADA.user_id


@pytest.mark.parametrize("how", ["logout", "revoke", "disable", "reauthentication"])
async def test_whatever_ends_the_session_or_proves_the_password_ends_the_grants(bench, how):
    first = await begin(bench)
    session = await bench.open()
    if how == "logout":
        await bench.manager.end(session)
    elif how == "revoke":
        await bench.manager.revoke(first.record.id)
    elif how == "disable":
        await bench.manager.revoke_user(ADA.user_id, reason=Reason.USER_DISABLED)
    else:
        await bench.manager.reauthenticated(session)
    await bench.manager.close(session)
    assert await refresh(bench, first) is Reason.UNKNOWN_TOKEN
    assert (await use(bench, first)).identity is None


async def test_a_bearer_who_authenticates_again_gets_new_tokens_and_the_cookie_is_superseded(bench):
    first = await begin(bench)
    session = await use(bench, first)
    await bench.manager.reauthenticated(session, amr=("pwd", "otp"))
    assert await bench.manager.close(session) is None
    second = await bench.manager.grants.begin(session)
    assert second.record.identity.amr == ("pwd", "otp")
    assert await refresh(bench, first) is Reason.UNKNOWN_TOKEN
    assert (await bench.open()).reason is Reason.SUPERSEDED
    bench.clock.advance(GRACE + 1)
    assert (await refresh(bench, second)).token.generation == 2


async def test_a_grant_asked_for_before_the_password_was_proven_is_never_handed_out(bench):
    await begin(bench)
    late, again = await bench.open(), await bench.open()
    await bench.manager.reauthenticated(again)
    await bench.manager.close(again)
    assert (await bench.store.load(late.record.id)).grants == ()
    with pytest.raises(SessionEnded) as refused:
        await bench.manager.grants.begin(late)
    assert refused.value.reason is Reason.SUPERSEDED
    assert (await bench.store.load(late.record.id)).grants == ()
    assert isinstance(await bench.manager.grants.begin(again), Granted)


async def test_a_record_that_was_read_anew_does_not_admit_the_family_of_before(bench):
    await begin(bench)
    late, again = await bench.open(), await bench.open()
    await bench.manager.reauthenticated(again)
    await bench.manager.close(again)
    late.rebase(await bench.store.load(late.record.id))
    with pytest.raises(SessionEnded, match="proven meanwhile"):
        await bench.manager.grants.begin(late)


async def test_a_refresh_brings_the_users_facts_as_they_are_now(bench):
    first = await begin(bench)
    await bench.manager.update_user(msgspec.structs.replace(ADA, roles=frozenset({"reader"})))
    assert (await refresh(bench, first)).record.identity.roles == {"reader"}
    assert (await use(bench, first)).identity.roles == {"reader"}


async def test_refreshing_is_activity_if_a_person_acts_and_never_beyond_the_absolute_deadline(bench):
    granted = await begin(bench)
    for _ in range(40):  # 12 hours at every 18 minutes
        bench.clock.advance(1080)
        answer = await refresh(bench, granted, active=True)
        if not isinstance(answer, Granted):
            break
        granted = answer if answer.token else granted
        await bench.manager._context.backlog.write_all()
    assert answer is Reason.ABSOLUTE_TIMEOUT


async def test_refreshing_by_a_timer_keeps_no_session_alive(bench):
    granted = await begin(bench)
    bench.clock.advance(1700)
    assert isinstance(await refresh(bench, granted), Granted)
    bench.clock.advance(120)
    assert await refresh(bench, granted) is Reason.IDLE_TIMEOUT


async def test_activity_close_to_the_idle_deadline_is_stored_before_the_answer(bench):
    granted = await begin(bench)
    bench.clock.advance(1700)
    await refresh(bench, granted, active=True)
    assert (bench.store.reads, bench.store.writes) == (1, 1)
    bench.clock.advance(1700)
    assert isinstance(await refresh(bench, granted), Granted)


async def test_a_grant_that_was_given_back_is_gone_with_its_access_tokens_and_the_session_stays(bench):
    first = await begin(bench)
    other = await bench.manager.grants.begin(await bench.open())
    assert await bench.manager.grants.end_of(first.token.text, CLIENT)
    assert not await bench.manager.grants.end_of(first.token.text, CLIENT)
    assert not await bench.manager.grants.end_of("nonsense", CLIENT)
    assert not await bench.manager.grants.end_of(bench.jar, CLIENT)
    assert await refresh(bench, first) is Reason.UNKNOWN_TOKEN
    assert (await use(bench, first)).reason is Reason.REVOKED
    assert (await use(bench, other)).user_id == ADA.user_id
    assert (await bench.open()).user_id == ADA.user_id
    [event] = bench.seen.of(GrantRevoked)
    assert (event.grant, event.session_id) == (first.grant, first.record.id)


async def test_a_grant_needs_somebody_who_is_signed_in_and_a_session_that_goes_on(bench):
    with pytest.raises(SessionEnded):
        await bench.manager.grants.begin(await bench.manager.open(None))
    first = await begin(bench)
    session = await bench.open()
    await bench.manager.revoke(first.record.id)
    with pytest.raises(SessionEnded):
        await bench.manager.grants.begin(session)


async def test_while_the_store_cannot_write_nothing_is_lost(bench):
    first = await begin(bench)
    second = await refresh(bench, first)
    bench.failing.fail("save")
    assert (await use(bench, second)).user_id == ADA.user_id
    with pytest.raises(StoreUnavailable):
        await refresh(bench, second)
    bench.failing.heal()
    assert isinstance(await refresh(bench, second), Granted)
    bench.failing.fail()
    with pytest.raises(StoreUnavailable):
        await use(bench, second)


async def test_a_session_that_ends_while_it_is_refreshed_gives_nothing(bench):
    first = await begin(bench)
    second = await refresh(bench, first)
    save = bench.store.save

    async def too_late(id, change):
        await bench.manager.revoke(id)
        return await save(id, change)

    bench.store.save = too_late
    assert await refresh(bench, second) is Reason.UNKNOWN_TOKEN
    session = await use(bench, second)
    assert session.reason is Reason.REVOKED


async def test_a_session_that_moves_to_another_store_meanwhile_is_not_over(bench):
    first = await begin(bench)
    second = await refresh(bench, first)
    session, save = await bench.open(), bench.store.save

    async def moved(id, change):
        await bench.failing.inner.hand_over(id, (await bench.store.load(id)).rev, bench.clock.now())
        return await save(id, change)

    bench.store.save = moved
    with pytest.raises(StoreUnavailable, match="moved"):
        await refresh(bench, second)
    bench.store.save = save
    for act in (bench.manager.grants.begin(session), refresh(bench, first), use(bench, first)):
        with pytest.raises(StoreUnavailable, match="moved"):
            await act
    with pytest.raises(StoreUnavailable, match="moved"):
        await bench.manager.grants.end(first.record.id, first.grant)


async def test_amid_a_flood_of_unknown_tokens_an_honest_one_waits_its_turn_and_is_exchanged(bench):
    first = await begin(bench)
    floods = [another("0" * 32, SeededEntropy(seed)).text for seed in range(100)]
    answers = await asyncio.gather(*(refresh(bench, text) for text in floods), refresh(bench, first))
    assert set(answers[:-1]) == {Reason.UNKNOWN_TOKEN}
    assert bench.manager._context.strangers.has_spent(CLIENT.ip, bench.clock.now())
    assert isinstance(await refresh(bench, first), Granted)


async def test_a_store_on_which_somebody_else_is_always_faster_is_a_fault(bench):
    first = await begin(bench)
    second = await refresh(bench, first)
    session, save = await bench.open(), bench.store.save

    async def outrun(id, change):
        from coatcheck.core.change import Change

        return await save(id, Change(seen_at=change.seen_at))

    bench.store.save = outrun
    for act in (
        bench.manager.grants.begin(session),
        refresh(bench, second),
        bench.manager.grants.end_of(first.token.text, CLIENT),
    ):
        with pytest.raises(StoreUnavailable, match="faster"):
            await act
