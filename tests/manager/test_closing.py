"""What a response does to the session."""

import pytest

from coatcheck import Lifetimes, Reason, SessionEnded, StoreUnavailable
from coatcheck.core.errors import CorruptRecord, DataNotSerializable
from coatcheck.core.events import (
    RecordCorrupt,
    SessionReauthenticated,
    SessionRotated,
    StoreFailed,
    TokenReused,
)
from coatcheck.core.token import Token, parse
from tests.manager.conftest import Bench


async def test_looking_without_finding_sets_no_cookie(bench: Bench) -> None:
    session = await bench.open()
    assert session.get("cart") is None
    assert await bench.close(session) is None
    assert bench.store.counts.total() == 0


async def test_data_of_a_visitor_makes_an_anonymous_session(bench: Bench) -> None:
    session = await bench.open()
    session["cart"] = ["umbrella"]
    change = await bench.close(session)
    assert change.max_age is None
    again = await bench.open()
    assert again["cart"] == ["umbrella"]
    assert again.identity is None


async def test_a_server_error_saves_nothing(bench: Bench) -> None:
    await bench.sign_in()
    session = await bench.open()
    session["half"] = "done"
    await bench.close(session, status=500)
    assert "half" not in await bench.open()


async def test_closing_twice_is_closing_once(bench: Bench) -> None:
    session = await bench.open()
    session["n"] = 1
    first = await bench.close(session)
    bench.store.reset()
    assert await bench.close(session) is first
    assert bench.store.counts.total() == 0


async def test_nested_changes_are_noticed(bench: Bench) -> None:
    session = await bench.open()
    session["cart"] = {"items": []}
    await bench.close(session)
    session = await bench.open()
    session["cart"]["items"].append("scarf")
    await bench.close(session)
    assert (await bench.open())["cart"] == {"items": ["scarf"]}


async def test_two_requests_that_change_two_keys_both_win(bench: Bench) -> None:
    await bench.sign_in()
    one, other = await bench.open(), await bench.open()
    one["left"], other["right"] = 1, 2
    one.increment("hits")
    other.increment("hits")
    await bench.close(one)
    await bench.close(other)
    assert dict(await bench.open()) == {"left": 1, "right": 2, "hits": 2}


async def test_what_json_cannot_hold_is_refused(bench: Bench) -> None:
    session = await bench.open()
    session["when"] = object()
    with pytest.raises(DataNotSerializable):
        await bench.close(session)


async def test_rotation_offers_then_commits_on_first_use(bench: Bench) -> None:
    await bench.sign_in()
    old = bench.jar
    bench.clock.advance(900)
    change = await bench.close(await bench.open())
    assert change.text != old
    assert not bench.seen.of(SessionRotated)
    repeated = await bench.manager.close(await bench.manager.open(old))
    assert repeated is not None
    assert repeated.text == change.text, "every worker derives the same successor"
    await bench.visit()
    assert [event.generation for event in bench.seen.of(SessionRotated)] == [2]


async def test_a_rotation_by_another_client_tells_who_began_the_session(bench: Bench) -> None:
    await bench.sign_in()
    for agent in ("Mozilla/5.0 (X11; Linux) Firefox/140", "curl/8.5.0"):
        bench.clock.advance(901)
        await bench.visit()
        await bench.manager.close(await bench.manager.open(bench.jar, ip="192.0.2.1", user_agent=agent))
    same, other = bench.seen.of(SessionRotated)
    assert same.begun_on is None
    assert other.device.label == "curl"
    assert other.begun_on.label == "Firefox on Linux"


async def test_nothing_is_offered_on_a_response_shared_caches_may_keep(bench: Bench) -> None:
    await bench.sign_in()
    bench.clock.advance(900)
    assert await bench.close(await bench.open(), cacheable=True) is None


async def test_a_hundred_parallel_requests_across_a_rotation_agree(bench: Bench) -> None:
    await bench.sign_in()
    bench.clock.advance(901)
    await bench.visit()
    sessions = [await bench.open() for _ in range(100)]
    for session in sessions:
        await bench.manager.close(session)
    assert all(session.admission.admitted for session in sessions)
    assert len(bench.seen.of(SessionRotated)) == 1


async def test_the_loser_of_a_commit_keeps_its_data(bench: Bench) -> None:
    await bench.sign_in()
    bench.clock.advance(901)
    await bench.visit()
    other = bench.worker(2)
    other.jar = bench.jar
    mine, theirs = await bench.open(), await other.open()
    mine["a"], theirs["b"] = 1, 2
    await bench.close(mine)
    await other.close(theirs)
    assert dict(await bench.open()) == {"a": 1, "b": 2}
    assert len(bench.seen.of(SessionRotated)) + len(other.seen.of(SessionRotated)) == 1


async def test_a_long_upload_that_outlives_two_rotations_is_not_accused(bench: Bench) -> None:
    await bench.sign_in()
    bench.clock.advance(901)
    await bench.visit()
    slow = await bench.open()
    for _ in range(3):
        await bench.manager.touch(await bench.visit())
        bench.clock.advance(901)
        await bench.visit()
    slow["upload"] = "done"
    with pytest.raises(SessionEnded) as refused:
        await bench.manager.close(slow)
    assert refused.value.reason is Reason.SUPERSEDED
    assert (await bench.open())["upload"] == "done", "the session lives, and what it saved is kept"


async def test_a_commit_waits_when_the_store_cannot_write(bench: Bench) -> None:
    await bench.sign_in()
    bench.clock.advance(901)
    await bench.visit()
    bench.failing.fail("save")
    assert (await bench.visit(active=True)).admission.admitted
    assert bench.seen.of(StoreFailed)
    bench.failing.heal()
    await bench.visit()
    assert bench.seen.of(SessionRotated)


async def test_data_that_cannot_be_stored_is_a_fault(bench: Bench) -> None:
    await bench.sign_in()
    session = await bench.open()
    session["work"] = "precious"
    bench.failing.fail("save")
    with pytest.raises(StoreUnavailable):
        await bench.close(session)


async def test_an_offer_waits_when_the_store_cannot_be_read(bench: Bench) -> None:
    await bench.sign_in()
    bench.clock.advance(900)
    session = await bench.open()
    bench.failing.fail("load")
    assert await bench.close(session) is None


async def test_an_offer_is_judged_on_the_record_of_that_moment(bench: Bench) -> None:
    await bench.sign_in()
    bench.clock.advance(900)
    slow = await bench.open()
    await bench.visit()
    await bench.visit()
    assert await bench.manager.close(slow) is None, "its token was retired meanwhile"


async def test_logout_wins_over_a_request_in_flight(bench: Bench) -> None:
    await bench.sign_in()
    slow = await bench.open()
    slow["draft"] = "late"
    leaving = await bench.open()
    await bench.manager.end(leaving)
    change = await bench.close(leaving)
    assert change.text is None
    assert await bench.manager.close(slow) is None
    assert slow.record is not None
    bench.jar = None
    tombstone = await bench.store.load(slow.record.id)
    assert tombstone is not None
    assert getattr(tombstone, "reason", None) is Reason.LOGGED_OUT


async def test_a_corrupt_row_at_save_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.sign_in()
    session = await bench.open()
    session["x"] = 1

    async def save(_id: str, _change: object) -> None:
        raise CorruptRecord("torn")

    monkeypatch.setattr(bench.failing, "save", save)
    assert await bench.close(session) is None
    assert bench.seen.of(RecordCorrupt)


async def test_reauthentication_hands_out_a_fresh_token_and_moves_both_deadlines(bench: Bench) -> None:
    signed_in = await bench.sign_in()
    old, before = bench.jar, signed_in.record
    bench.clock.advance(600)
    session = await bench.open()
    await bench.manager.reauthenticated(session, amr=("pwd", "otp"))
    change = await bench.close(session, active=True)
    assert change.text not in (None, old)
    assert before is not None
    assert session.record is not None
    assert session.record.absolute_at == before.absolute_at + 600
    assert session.record.chain.generation == before.chain.generation + 1
    assert session.record.chain.former_family_digest == before.chain.family_digest
    assert session.identity is not None
    assert session.identity.amr == ("pwd", "otp")
    assert bench.seen.of(SessionReauthenticated)
    refused = await bench.manager.open(old)
    assert refused.reason is Reason.SUPERSEDED
    assert (await bench.open()).admission.admitted, "the holder of the fresh token stays"


@pytest.mark.parametrize("claimed", range(6))
async def test_a_superseded_thief_cannot_edit_its_token_into_a_reuse(bench: Bench, claimed: int) -> None:
    await bench.sign_in()
    stolen = parse(bench.jar or "")
    assert stolen is not None
    session = await bench.open()
    await bench.manager.reauthenticated(session)
    await bench.close(session)
    rotation = Lifetimes().rotation
    bench.clock.advance(rotation.period)
    await bench.visit()
    await bench.visit()
    bench.clock.advance(rotation.grace + 1)
    edited = Token(stolen.raw[:16] + claimed.to_bytes(4, "big") + bytes(16) + stolen.raw[36:])
    assert (await bench.manager.open(edited.text)).reason is Reason.SUPERSEDED
    assert not bench.seen.of(TokenReused)
    victim = await bench.open()
    assert victim.admission.admitted
    assert victim.record is not None
    assert victim.record.chain.generation == 3


async def test_a_failed_response_reauthenticates_nobody(bench: Bench) -> None:
    await bench.sign_in()
    session = await bench.open()
    await bench.manager.reauthenticated(session)
    assert await bench.close(session, status=422) is None
    assert not bench.seen.of(SessionReauthenticated)


async def test_of_two_reauthentications_at_once_one_is_told_to_repeat(bench: Bench) -> None:
    await bench.sign_in()
    one, other = await bench.open(), await bench.open()
    await bench.manager.reauthenticated(one)
    await bench.manager.reauthenticated(other)
    await bench.close(one)
    with pytest.raises(SessionEnded) as refused:
        await bench.manager.close(other)
    assert refused.value.reason is Reason.SUPERSEDED
    assert (await bench.open()).admission.admitted


async def test_nobody_cannot_reauthenticate(bench: Bench) -> None:
    with pytest.raises(SessionEnded):
        await bench.manager.reauthenticated(await bench.open())


async def test_activity_is_written_at_most_once_an_interval(bench: Bench) -> None:
    await bench.sign_in()
    bench.store.reset()
    async with bench.manager:
        for _ in range(120):
            bench.clock.advance(1)
            await bench.visit(active=True)
            await bench.manager._context.backlog.write_due()
        assert bench.store.counts["touch"] == 2
        assert bench.store.counts["save"] == 0


async def test_close_to_the_deadline_activity_is_written_before_the_response(bench: Bench) -> None:
    await bench.sign_in()
    bench.clock.advance(1700)
    bench.store.reset()
    await bench.visit(active=True)
    assert bench.store.counts["save"] == 1
    bench.clock.advance(1700)
    assert (await bench.open()).admission.admitted


async def test_a_passive_request_never_keeps_a_session_alive(bench: Bench) -> None:
    await bench.sign_in()
    for _ in range(30):
        bench.clock.advance(60)
        await bench.visit(active=False)
    bench.clock.advance(6)
    assert (await bench.open()).reason is Reason.IDLE_TIMEOUT


async def test_a_socket_saves_when_it_says_so(bench: Bench) -> None:
    await bench.sign_in()
    session = await bench.open()
    await bench.manager.save(session)
    session["message"] = "hello"
    await bench.manager.save(session)
    assert (await bench.open())["message"] == "hello"
    await bench.manager.revoke(session.id or "")
    session["message"] = "too late"
    with pytest.raises(SessionEnded):
        await bench.manager.save(session)


async def test_a_touch_never_goes_beyond_now(bench: Bench) -> None:
    await bench.sign_in()
    session = await bench.open()
    bench.clock.advance(30)
    await bench.manager.touch(session, bench.clock.now() + 3600)
    assert session.record is not None
    assert session.record.last_seen_at == bench.clock.now()
    await bench.manager.touch(await bench.manager.open(None))
