"""What is remembered only admits; whatever else follows from it is judged on a read."""

import asyncio

import msgspec
import pytest

from coatcheck import Identity, Reason, Session, SessionEnded
from coatcheck.core.client import NOWHERE
from coatcheck.core.events import SessionRefused, TokenReused, TokenUnknown
from coatcheck.core.token import mint, parse
from coatcheck.manager import strangers, watching
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import SeededEntropy
from tests.manager.conftest import ADA, Bench
from tests.manager.feeds import SOON

ADMIN = msgspec.structs.replace(ADA, roles=frozenset({"admin"}))


@pytest.fixture
async def warm(near: Bench) -> Bench:
    """A worker that remembers Ada's session."""
    await near.sign_in()
    await near.remember()
    near.store.reset()
    return near


def elsewhere(bench: Bench) -> Bench:
    """Another worker, of whose changes nothing has been told yet."""
    other = bench.worker(2)
    other.jar = bench.jar
    return other


async def test_what_is_remembered_is_admitted(warm: Bench) -> None:
    session = await warm.open()
    assert session.user_id == ADA.user_id
    assert warm.manager.is_recalled(session)
    assert warm.store.reads == 0


async def test_a_revocation_is_seen_as_soon_as_it_is_told(warm: Bench) -> None:
    id = (await warm.open()).id
    assert id
    await elsewhere(warm).manager.revoke_user(ADA.user_id)
    assert (await warm.open()).user_id == ADA.user_id, "the feed has not told yet"
    await warm.hears(id)
    assert (await warm.open()).reason is Reason.REVOKED


async def test_a_revocation_that_is_never_told_is_seen_within_the_bound(warm: Bench) -> None:
    assert warm.cache
    await elsewhere(warm).manager.revoke_user(ADA.user_id)
    warm.clock.advance(warm.cache.staleness + 0.01)
    assert (await warm.open()).reason is Reason.REVOKED


async def test_a_revocation_made_here_is_seen_at_once(warm: Bench) -> None:
    await warm.manager.revoke_user(ADA.user_id)
    assert (await warm.open()).reason is Reason.REVOKED


async def test_whoever_asks_for_it_gets_what_the_store_has(warm: Bench) -> None:
    await elsewhere(warm).manager.revoke_user(ADA.user_id)
    assert (await warm.manager.open(warm.jar, fresh=True)).reason is Reason.REVOKED


async def test_who_was_active_elsewhere_is_not_idle_here(warm: Bench) -> None:
    other = elsewhere(warm)
    warm.clock.advance(1_000)
    await other.manager.touch(await other.open())
    warm.clock.advance(1_000)
    await warm.hears()
    await warm.hears()
    assert (await warm.open()).user_id == ADA.user_id
    assert warm.store.reads == 1


async def test_who_was_idle_is_told_so_after_a_read(warm: Bench) -> None:
    warm.clock.advance(1_806)
    await warm.hears()
    await warm.hears()
    assert (await warm.open()).reason is Reason.IDLE_TIMEOUT
    assert warm.store.reads == 1


async def test_a_retired_token_is_accused_only_on_a_read(warm: Bench) -> None:
    """The cache is of before a rotation that another worker committed, and of before the one after."""
    retired, other = warm.jar, elsewhere(warm)
    for _ in range(2):
        warm.clock.advance(901)
        await other.visit()
        await other.visit()
    await warm.hears()
    await warm.hears()
    assert (await warm.open()).user_id == ADA.user_id, "what is remembered still admits it"
    assert not warm.seen.of(TokenReused)
    assert (await warm.manager.open(other.jar)).user_id == ADA.user_id
    assert warm.store.reads == 1, "to the cache, a token of the family that it cannot place"
    assert (await warm.manager.open(retired)).reason is Reason.TOKEN_REUSED


async def test_a_token_of_a_family_that_began_elsewhere_is_admitted(warm: Bench) -> None:
    other = elsewhere(warm)
    session = await other.open()
    await other.manager.reauthenticated(session)
    await other.close(session)
    assert (await warm.manager.open(other.jar)).user_id == ADA.user_id


def forged(bench: Bench) -> str:
    """A token of the session in the jar, by somebody who knows nothing but its id."""
    token = parse(bench.jar or "")
    assert token
    return type(token)(token.raw[:16] + bytes(32)).text


async def test_what_a_made_up_family_costs_is_bounded(warm: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "BUDGET", 3)
    for _ in range(10):
        assert (await warm.manager.open(forged(warm), ip="198.51.100.7")).reason is Reason.UNKNOWN_TOKEN
        assert (await warm.manager.open(warm.jar, ip="198.51.100.7")).user_id == ADA.user_id
    assert warm.store.reads == 3
    assert [event.session_id for event in warm.seen.of(TokenUnknown)] == [parse(warm.jar or "").id]  # type: ignore[union-attr]


async def test_where_nothing_is_outdated_a_made_up_family_costs_nothing(bench: Bench) -> None:
    exact = Bench()
    exact.manager = type(exact.manager)(MemoryStore(), clock=exact.clock, entropy=SeededEntropy(1))
    await exact.sign_in()
    counted = exact.manager.present(forged(exact), NOWHERE)
    assert isinstance(counted, Session)
    assert counted.reason is Reason.UNKNOWN_TOKEN
    assert bench.store.reads == 0


async def test_an_unknown_id_is_read_once(warm: Bench) -> None:
    unknown = mint(SeededEntropy(99)).text
    for _ in range(3):
        assert (await warm.manager.open(unknown)).reason is Reason.UNKNOWN_TOKEN
    assert warm.store.reads == 1


async def test_recalling_takes_no_event_loop_and_reads_nothing(warm: Bench) -> None:
    present = warm.manager.present
    session = await asyncio.to_thread(present, warm.jar, NOWHERE)
    assert isinstance(session, Session)
    assert session.user_id == ADA.user_id
    visitor = present(None, NOWHERE)
    assert isinstance(visitor, Session)
    assert visitor.reason is Reason.NO_SESSION
    assert warm.store.reads == 0


async def test_a_refreshed_session_has_the_roles_of_now_and_what_its_handler_did(warm: Bench) -> None:
    await elsewhere(warm).manager.update_user(ADMIN)
    session = await warm.open()
    session["cart"] = ["hat"]
    assert session.identity == Identity(**msgspec.structs.asdict(session.record.identity))  # type: ignore[union-attr,arg-type]
    assert await warm.manager.refresh(session)
    assert session.identity is not None
    assert session.identity.roles == {"admin"}
    await warm.close(session)
    assert (await warm.open())["cart"] == ["hat"]


async def test_a_refreshed_session_that_ended_is_nobodys(warm: Bench) -> None:
    session = await warm.open()
    await elsewhere(warm).manager.revoke_user(ADA.user_id)
    assert await warm.manager.refresh(session)
    assert (session.record, session.token, session.reason) == (None, None, Reason.REVOKED)
    assert warm.seen.of(SessionRefused)
    with pytest.raises(SessionEnded):
        await warm.manager.reauthenticated(session)


async def test_what_was_read_is_not_read_again(warm: Bench) -> None:
    session = await warm.manager.open(warm.jar, fresh=True)
    warm.store.reset()
    assert not await warm.manager.refresh(session)
    assert not await warm.manager.refresh(warm.manager.visitor())
    assert warm.store.reads == 0


async def test_who_authenticates_again_does_so_on_the_record_as_it_is(warm: Bench) -> None:
    other = elsewhere(warm)
    warm.clock.advance(901)
    await other.visit()
    await other.visit()  # the token moved on, and the cache has not heard
    await warm.hears()
    await warm.hears()
    session = await warm.manager.open(other.jar)
    await warm.manager.reauthenticated(session)
    await warm.close(session)
    assert (await warm.open()).user_id == ADA.user_id


async def test_a_stream_is_judged_on_the_store(warm: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LEAST_PAUSE", 0.0)
    session = await warm.open()
    await elsewhere(warm).manager.revoke_user(ADA.user_id)
    with warm.manager.watch(session) as watch:
        outlook = await watch.judge(SOON)
    assert outlook is not None
    assert outlook.reason is Reason.REVOKED
    await warm.manager._context.changes.close()


async def test_during_an_outage_what_is_remembered_is_admitted_until_the_bound(warm: Bench) -> None:
    assert warm.cache
    warm.failing.fail()
    assert (await warm.open()).user_id == ADA.user_id
    warm.clock.advance(warm.cache.staleness + 0.01)
    with pytest.raises(Exception, match="fails, as the test wishes"):
        await warm.open()
