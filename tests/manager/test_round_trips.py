"""How often a request goes to the store: the promises of the README, counted."""

import pytest

from coatcheck import Identity
from tests.manager.conftest import ADA, Bench


def counts(bench: Bench) -> tuple[int, int]:
    return bench.store.reads, bench.store.writes


async def test_anonymous_without_cookie_costs_nothing(bench: Bench) -> None:
    session = await bench.visit()
    assert counts(bench) == (0, 0)
    assert not session.accessed


async def test_reading_costs_one_read(bench: Bench) -> None:
    await bench.sign_in()
    bench.store.reset()
    session = await bench.open()
    assert session.get("nothing") is None
    assert await bench.close(session, active=True) is None
    assert counts(bench) == (1, 0)


async def test_reading_again_costs_nothing(near: Bench) -> None:
    await near.sign_in()
    await near.remember()
    near.store.reset()
    session = await near.open()
    assert session.user_id == ADA.user_id
    assert await near.close(session, active=True) is None
    assert counts(near) == (0, 0)


async def test_writing_what_is_remembered_costs_one_write(near: Bench) -> None:
    await near.sign_in()
    await near.remember()
    near.store.reset()
    session = await near.open()
    session["x"] = 1
    await near.close(session, active=True)
    assert counts(near) == (0, 1)
    assert (await near.open())["x"] == 1
    assert counts(near) == (1, 1), "what was changed is read again"


async def test_an_offer_reads_the_store_whatever_is_remembered(near: Bench) -> None:
    await near.sign_in()
    near.clock.advance(901)
    await near.remember()
    near.store.reset()
    await near.visit()
    assert counts(near) == (1, 0)


async def test_writing_costs_one_read_and_one_write(bench: Bench) -> None:
    await bench.sign_in()
    bench.store.reset()
    session = await bench.open()
    session["x"] = 1
    await bench.close(session, active=True)
    assert counts(bench) == (1, 1)


async def test_rotation_costs_one_read_per_offer_and_one_write_per_commit(bench: Bench) -> None:
    await bench.sign_in()
    bench.clock.advance(901)
    bench.store.reset()
    await bench.visit()
    assert counts(bench) == (2, 0), "the check, and the offer"
    bench.store.reset()
    await bench.visit()
    assert counts(bench) == (1, 1), "the check, and the commit"


@pytest.mark.parametrize("signed_in_before", [False, True])
async def test_sign_in_costs_at_most_three_calls(bench: Bench, signed_in_before: bool) -> None:
    async def account(_user_id: str) -> Identity:
        return ADA

    if signed_in_before:
        await bench.sign_in()
    session = await bench.open()
    bench.store.reset()
    await bench.manager.begin(session, ADA, refresh=account)
    await bench.close(session)
    assert bench.store.counts.total() <= 3


async def test_logout_costs_one_call(bench: Bench) -> None:
    await bench.sign_in()
    session = await bench.open()
    bench.store.reset()
    await bench.manager.end(session)
    await bench.close(session)
    assert bench.store.counts.total() == 1
