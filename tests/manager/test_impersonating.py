"""An operator who looks at the app as a user (A72): both are named, and nothing is proven."""

import pytest

from coatcheck import Cap, Identity, SessionEnded, SessionManager
from coatcheck.core.errors import ConfigurationError, Impersonated
from coatcheck.core.lifetimes import MINUTE
from coatcheck.core.reason import Reason
from tests.manager.conftest import ADA, Bench

GRACE = Identity(user_id="u-grace", name="Grace", roles=frozenset({"admin"}))


async def look_as_ada(bench: Bench) -> None:
    await bench.sign_in(GRACE)
    session = await bench.open()
    await bench.manager.impersonate(session, ADA)
    await bench.close(session)


async def test_the_operator_sees_what_the_user_sees_and_every_event_names_both(bench: Bench) -> None:
    await look_as_ada(bench)
    session = await bench.open()
    assert (session.user_id, session.actor) == ("u-ada", "u-grace")
    await bench.manager.end(session)
    told = [(event.name, event.user_id, event.actor) for event in bench.seen.events[1:]]
    assert told == [
        ("session.created", "u-ada", "u-grace"),
        ("user.impersonated", "u-ada", "u-grace"),
        ("session.ended", "u-grace", None),
        ("session.ended", "u-ada", "u-grace"),
    ]


async def test_it_was_authenticated_by_nobody_and_nobody_can_step_up(bench: Bench) -> None:
    await look_as_ada(bench)
    session = await bench.open()
    assert session.identity is not None
    assert (session.identity.auth_time, session.identity.amr) == (0.0, ())
    with pytest.raises(Impersonated):
        await bench.manager.reauthenticated(session)
    with pytest.raises(Impersonated):
        await bench.manager.grants.begin(session)
    with pytest.raises(Impersonated):
        await bench.manager.impersonate(session, GRACE)


async def test_it_ends_after_half_an_hour_however_busy(bench: Bench) -> None:
    await look_as_ada(bench)
    for _ in range(3):
        bench.clock.advance(9 * MINUTE)
        assert (await bench.visit(active=True)).user_id == "u-ada"
    bench.clock.advance(4 * MINUTE)
    assert (await bench.open()).reason is Reason.ABSOLUTE_TIMEOUT


async def test_it_puts_none_of_the_users_own_sessions_out() -> None:
    bench = Bench(cap=Cap(limit=1))
    own = await bench.worker(2).sign_in()
    await look_as_ada(bench)
    assert own.id in {record.id for record in await bench.manager.list("u-ada")}


async def test_the_users_facts_change_and_the_actor_stays(bench: Bench) -> None:
    await look_as_ada(bench)
    await bench.manager.update_user(ADA)
    session = await bench.open()
    assert (session.actor, session.identity and session.identity.auth_time) == ("u-grace", 0.0)


async def test_a_visitor_impersonates_nobody(bench: Bench) -> None:
    with pytest.raises(SessionEnded):
        await bench.manager.impersonate(await bench.open(), ADA)


@pytest.mark.parametrize("loss", ["revoked", "demoted"])
async def test_it_ends_with_the_operators_rights(bench: Bench, loss: str) -> None:
    await look_as_ada(bench)
    if loss == "revoked":
        assert await bench.manager.revoke_user("u-grace", by="cli") == 1
    else:
        await bench.manager.update_user(Identity(user_id="u-grace"), by="cli")
    assert (await bench.open()).reason is Reason.REVOKED
    ended = [event for event in bench.seen.events if event.name == "session.ended" and event.actor == "cli"]
    assert [event.user_id for event in ended] == ["u-ada"]
    assert await bench.manager.revoke_user("u-grace") == 0


async def test_an_operator_who_is_signed_out_meanwhile_begins_nothing(bench: Bench) -> None:
    await bench.sign_in(GRACE)
    session = await bench.open()
    create = bench.failing.create

    async def slow(*arguments: object) -> tuple[str, ...]:
        await bench.worker(2).manager.revoke_user("u-grace")
        return await create(*arguments)  # type: ignore[arg-type]

    bench.failing.create = slow  # type: ignore[method-assign]
    with pytest.raises(SessionEnded):
        await bench.manager.impersonate(session, ADA)
    assert not await bench.manager.list("u-ada")


async def test_whoever_signs_in_anew_leaves_a_session_of_both(bench: Bench) -> None:
    await look_as_ada(bench)
    await bench.sign_in(GRACE)
    [*_, over] = [event for event in bench.seen.events if event.name == "session.ended"]
    assert (over.user_id, over.actor) == ("u-ada", "u-grace")


async def test_a_store_that_keeps_no_rows_knows_no_operators() -> None:
    class Bare:
        def __init__(self, inner: object) -> None:
            for verb in ("create", "load", "save", "end", "user", "bump"):
                setattr(self, verb, getattr(inner, verb))

    bench = Bench()
    await bench.sign_in(GRACE)
    manager = SessionManager(Bare(bench.store), clock=bench.clock)  # type: ignore[arg-type]
    session = await manager.open(bench.jar)
    with pytest.raises(ConfigurationError, match="keeps no rows"):
        await manager.impersonate(session, ADA)
    assert await manager.revoke_user("u-grace") == 1
