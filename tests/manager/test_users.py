"""Acts from outside: list, revoke, update."""

from typing import Any

import msgspec
import pytest

from coatcheck import Reason
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.events import RecordCorrupt, UserRevoked, UserUpdated
from tests.manager.conftest import ADA, Bench


async def three_devices(bench: Bench) -> list[str]:
    """Sign in on three devices; the jar holds the last one."""
    ids = []
    for _ in range(3):
        bench.jar = None
        bench.clock.advance(1)
        ids.append((await bench.sign_in()).id or "")
    return ids


async def test_the_list_shows_the_living_the_last_seen_first(bench: Bench) -> None:
    ids = await three_devices(bench)
    await bench.manager.revoke(ids[1])
    assert [record.id for record in await bench.manager.list("u-ada")] == [ids[2], ids[0]]
    bench.clock.advance(1810)
    assert await bench.manager.list("u-ada") == []


async def test_revoking_a_session_of_somebody_else_finds_nothing(bench: Bench) -> None:
    [first, *_] = await three_devices(bench)
    assert not await bench.manager.revoke(first, user_id="u-eve")
    assert await bench.manager.revoke(first, user_id="u-ada")
    assert not await bench.manager.revoke(first, user_id="u-ada")
    assert not await bench.manager.revoke("0" * 32)


@pytest.mark.parametrize(
    "id", ["", "x" * 32, "A" * 32, "0" * 33, "0" * 32 + "\n", "\u0663" * 32, "x" * 60_000], ids=len
)
async def test_what_has_not_the_form_of_a_session_id_reaches_no_store(bench: Bench, id: str) -> None:
    assert not await bench.manager.revoke(id)
    assert not bench.store.counts


async def test_revoking_the_others_keeps_this_one(bench: Bench) -> None:
    ids = await three_devices(bench)
    assert await bench.manager.revoke_user("u-ada", keep=ids[2]) == 2
    assert (await bench.open()).id == ids[2]
    assert bench.seen.of(UserRevoked)[0].sessions == 2
    assert await bench.manager.revoke_user("u-ada", reason=Reason.USER_DISABLED) == 1
    assert (await bench.open()).reason is Reason.USER_DISABLED


async def test_new_roles_count_at_the_next_request_and_make_rotation_due(bench: Bench) -> None:
    await three_devices(bench)
    bench.clock.advance(15.001)
    demoted = msgspec.structs.replace(ADA, roles=frozenset())
    assert await bench.manager.update_user(demoted) == 3
    session = await bench.open()
    assert session.identity is not None
    assert session.identity.roles == frozenset()
    assert session.identity.amr == ("pwd",), "when and how they signed in stays"
    change = await bench.close(session)
    assert change is not None
    assert change.text is not None
    assert bench.seen.of(UserUpdated)[0].sessions == 3


async def test_one_torn_row_does_not_stop_an_update(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await three_devices(bench)
    save = bench.failing.save

    async def torn(id: str, change: object) -> object:
        if id == ids[0]:
            raise CorruptRecord("torn")
        return await save(id, change)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.failing, "save", torn)
    assert await bench.manager.update_user(ADA) == 2
    assert bench.seen.of(RecordCorrupt)


async def test_a_session_whose_user_must_prove_themselves_again_goes_on(bench: Bench) -> None:
    await bench.sign_in()
    session = await bench.open()
    bench.clock.advance(60)
    assert await bench.manager.require_reauthentication(session.id, bench.clock.now())
    again = await bench.visit()
    assert again.identity == msgspec.structs.replace(session.identity, auth_time=0.0)
    assert (again.record.chain, again.record.absolute_at) == (
        session.record.chain,
        session.record.absolute_at,
    )


async def test_who_proved_themselves_since_need_not_do_it_again(bench: Bench) -> None:
    session = await bench.sign_in()
    assert not await bench.manager.require_reauthentication(session.id, bench.clock.now() - 60)
    assert not await bench.manager.require_reauthentication("0" * 32, bench.clock.now())
    await bench.manager.revoke(session.id)
    assert not await bench.manager.require_reauthentication(session.id, bench.clock.now())


async def test_a_commit_that_comes_between_is_not_undone(bench: Bench, monkeypatch: Any) -> None:
    session = await bench.sign_in()
    bench.clock.advance(901)
    await bench.visit()
    load, once = bench.store.load, [True]

    async def load_then_commit(id: str) -> Any:
        found = await load(id)
        if once:
            once.clear()
            await bench.visit()
        return found

    monkeypatch.setattr(bench.store, "load", load_then_commit)
    assert await bench.manager.require_reauthentication(session.id, bench.clock.now())
    stored = await load(session.id)
    assert (stored.chain.generation, stored.identity.auth_time) == (2, 0.0)


async def test_a_session_that_somebody_else_always_commits_first_is_left_alone(
    bench: Bench, monkeypatch: Any
) -> None:
    session = await bench.sign_in()

    async def lose(_id: str, _change: Any) -> Any:
        return session.record

    monkeypatch.setattr(bench.store, "save", lose)
    assert not await bench.manager.require_reauthentication(session.id, bench.clock.now())
