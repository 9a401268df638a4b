"""A worker that nobody told of the new store: it answers as in an outage, and signs nobody out."""

import msgspec
import pytest

from coatcheck.core.errors import StoreUnavailable
from coatcheck.core.events import SessionOver, SessionRefused, TokenReused
from coatcheck.core.moving import SEAL
from coatcheck.core.record import Record
from tests.manager.conftest import ADA, Bench


async def move(bench: Bench, id: str | None) -> None:
    """Let a session leave the store of this worker."""
    record = await bench.store.load(id or "")
    assert isinstance(record, Record)
    assert await bench.store.hand_over(record.id, record.rev, record.absolute_at)


@pytest.fixture
async def id(bench: Bench) -> str | None:
    """A session that Ada is signed in with."""
    return (await bench.sign_in()).id


async def test_its_token_is_neither_admitted_nor_refused(bench: Bench, id: str) -> None:
    await move(bench, id)
    with pytest.raises(StoreUnavailable, match="moved to another store"):
        await bench.open()
    assert not bench.seen.of(SessionRefused)


async def test_what_a_request_did_meanwhile_is_not_answered_as_done(bench: Bench, id: str) -> None:
    session = await bench.open()
    session["cart"] = [1]
    await move(bench, id)
    with pytest.raises(StoreUnavailable):
        await bench.close(session)
    with pytest.raises(StoreUnavailable):
        await bench.manager.save(session)


async def test_a_sign_out_or_revocation_that_ends_nothing_is_not_answered_as_done(
    bench: Bench, id: str
) -> None:
    session = await bench.open()
    await move(bench, id)
    for act in (
        bench.manager.end(session),
        bench.manager.revoke(id),
        bench.manager.revoke(id, user_id="u-ada"),
    ):
        with pytest.raises(StoreUnavailable):
            await act
    assert not session.acts.ended, "no cookie is deleted"
    assert not bench.seen.of(SessionOver)


async def test_a_session_that_moves_while_its_user_is_revoked_is_not_forgotten(bench: Bench, id: str) -> None:
    bump = bench.store.bump

    async def slowly(user_id: str):
        entry = await bump(user_id)
        await move(bench, id)
        return entry

    bench.store.bump = slowly
    with pytest.raises(StoreUnavailable):
        await bench.manager.revoke_user("u-ada")


async def test_new_facts_that_reach_nobody_are_not_answered_as_done(bench: Bench, id: str) -> None:
    bump = bench.store.bump

    async def slowly(user_id: str):
        entry = await bump(user_id)
        await move(bench, id)
        return entry

    bench.store.bump = slowly
    with pytest.raises(StoreUnavailable):
        await bench.manager.update_user(msgspec.structs.replace(ADA, name="Ada L."))


async def test_a_user_who_moved_is_not_acted_on(bench: Bench, id: str) -> None:
    assert await bench.store.set_version("u-ada", SEAL, expected=0)
    for act in (
        bench.manager.list("u-ada"),
        bench.manager.revoke_user("u-ada"),
        bench.manager.update_user(ADA),
        bench.sign_in(),
    ):
        with pytest.raises(StoreUnavailable):
            await act


async def test_a_reused_token_of_a_session_that_just_moved_is_left_to_the_new_store(bench: Bench, id) -> None:
    stolen = bench.jar
    for _ in range(3):
        bench.clock.advance(1_000)
        await bench.visit(active=True)
        await bench.visit(active=True)
    inner, bench.jar = bench.store.load, stolen

    async def slowly(id: str):
        found = await inner(id)
        if isinstance(found, Record):
            await bench.store.hand_over(found.id, found.rev, found.absolute_at)
        return found

    bench.store.load = slowly
    session = await bench.open()
    assert session.identity is None
    assert [event.ended for event in bench.seen.of(TokenReused)] == [False]
