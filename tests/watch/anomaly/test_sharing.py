"""Workers that share what they see."""

import msgspec
import pytest

from coatcheck.core.events import SessionReauthenticated, TokenUnknown
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import CountingStore, FailingStore
from coatcheck.watch.anomaly import (
    Anomalies,
    BrowserChange,
    BruteForce,
    CredentialStuffing,
    PasswordSpraying,
    RateShift,
)
from coatcheck.watch.anomaly.sharing import CROWD, HELD, KEY, Latest, SharedEvent, Sharing
from tests.watch.anomaly.happenings import (
    FIREFOX,
    HOME,
    OFFICE,
    SAFARI,
    UPDATED,
    began,
    failed,
    happened,
    rotated,
    signed_in,
    unknown,
)

DAY = 86_400.0


async def test_each_hears_what_the_others_saw_once_and_in_order(store):
    one, two = Sharing(store, "one"), Sharing(store, "two")
    assert await one.exchange([failed(1, "a"), failed(2, "b")], 2) == []
    assert [event.tried for event in await two.exchange([failed(3, "c")], 3)] == ["a", "b"]
    assert [event.tried for event in await one.exchange([failed(4, "d")], 4)] == ["c"]
    assert [event.tried for event in await two.exchange([], 4)] == ["d"]


async def test_a_worker_that_starts_late_learns_what_happened_before(store):
    await Sharing(store, "one").exchange([unknown(1, count=7)], 1)
    (event,) = await Sharing(store, "late").exchange([], 2)
    assert isinstance(event, TokenUnknown)
    assert (event.count, event.device.ip, event.device.label) == (7, "192.0.2.7", "Firefox on Linux")


async def test_what_a_user_agent_says_is_not_passed_on(store):
    await Sharing(store, "one").exchange([happened(TokenUnknown, 1, agent=SAFARI)], 1)
    (event,) = await Sharing(store, "two").exchange([], 2)
    assert (event.device.user_agent, event.device.label) == ("", "Safari on iPhone")


async def test_the_row_is_bounded_and_a_worker_that_slept_misses_the_oldest(store):
    one, two = Sharing(store, "one"), Sharing(store, "two")
    await two.exchange([], 0)
    for batch in range(3):
        users = [f"{batch} {number}" for number in range(HELD)]
        await one.exchange([signed_in(batch, user, f"10.0.{n}.1") for n, user in enumerate(users)], batch)
    heard = await two.exchange([], 3)
    assert [event.user_id for event in heard] == users


@pytest.mark.parametrize(
    ("noise", "heard"),
    [
        (lambda number: failed(number, f"name {number}", "203.0.113.9"), CROWD),
        (lambda number: failed(number, "", f"10.{number % 250}.0.1", user_id="mallory"), CROWD),
        (lambda number: failed(number, f"name {number}", f"10.{number % 250}.0.1"), HELD // 2),
    ],
    ids=["one network", "one name", "names that are nobody's"],
)
async def test_noise_makes_room_among_its_like_and_hides_nothing_else(store, noise, heard):
    one, two = Sharing(store, "one"), Sharing(store, "two")
    quiet = [failed(number, "", f"192.0.{number}.1", user_id="ada") for number in range(5)]
    await one.exchange([*quiet, *(noise(5 + number) for number in range(2 * HELD))], 600)
    for batch in range(3):
        await one.exchange([noise(600 + HELD * batch + number) for number in range(HELD)], 600)
    events = await two.exchange([], 600)
    assert [event.device.ip for event in events if event.user_id == "ada"] == [
        event.device.ip for event in quiet
    ]
    assert len(events) == 5 + heard


async def test_a_flood_at_one_worker_hides_no_brute_force_from_another(start):
    store = FailingStore(MemoryStore())
    workers = [await start(Anomalies([BruteForce()]), store, seed=seed) for seed in range(2)]
    tries = [failed(number, "", f"10.0.{number}.1", user_id="ada") for number in range(10)]
    for one in tries[:5]:
        await workers[0].observe(one, *(failed(one.at, f"name {n}", "203.0.113.9") for n in range(300)))
    await workers[1].observe(*tries[5:])
    assert [event.user_id for event in workers[1].found] == ["ada"]


async def test_a_row_that_was_lost_begins_anew(store):
    one, two = Sharing(store, "one"), Sharing(store, "two")
    await one.exchange([failed(1, "a"), failed(2, "b")], 1)
    await two.exchange([], 1)
    await one._rows.delete(KEY)
    await one.exchange([failed(3, "c")], 3)
    assert [event.tried for event in await two.exchange([], 3)] == ["c"]


async def test_an_event_of_a_newer_version_is_passed_over(store):
    newer = Latest(1, (SharedEvent(1, "one", (), {"event": "of.tomorrow", "at": 1.0}),))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(newer), type=Latest) == newer
    sharing = Sharing(store, "two")
    await sharing._rows.change(KEY, lambda _: _step(newer))
    assert await sharing.exchange([], 2) == []


def _step(value):
    from coatcheck.manager.rows import Step

    return Step(None, value, 1e12)


async def test_an_attack_that_a_balancer_spreads_is_found_once(start):
    store = FailingStore(MemoryStore())
    workers = [await start(Anomalies(), store, seed=seed) for seed in range(4)]
    for number in range(60):
        await workers[number % 4].observe(failed(30.0 * number, f"name {number}", f"10.0.{number}.1"))
    found = [event.rule for worker in workers for event in worker.found]
    assert found == ["password_spraying"]


@pytest.mark.parametrize("shared", [True, False])
async def test_alone_each_worker_sees_its_part(start, shared):
    store = FailingStore(MemoryStore())
    rules = ([CredentialStuffing()], [CredentialStuffing()])
    workers = [await start(Anomalies(rules[seed], shared=shared), store, seed=seed) for seed in range(2)]
    for number in range(24):
        await workers[number % 2].observe(failed(number, f"name {number}"))
    assert sum(len(worker.found) for worker in workers) == (1 if shared else 0)


async def test_a_browser_that_was_proven_at_one_worker_is_asked_for_nothing_by_another(start):
    store = FailingStore(MemoryStore())
    one, two = [await start(Anomalies([BrowserChange()]), store, seed=seed) for seed in range(2)]
    moved = [rotated(at, (HOME, FIREFOX), (OFFICE, SAFARI)) for at in (0, 2 * DAY)]
    await one.observe(moved[0])
    await one.observe(happened(SessionReauthenticated, 1, OFFICE, SAFARI, session_id="s", user_id="ada"))
    await two.observe(moved[1])
    assert (len(one.found), len(two.found)) == (1, 0)


async def test_while_the_store_fails_each_worker_goes_on_alone(start):
    store = FailingStore(MemoryStore())
    worker = await start(Anomalies([PasswordSpraying()]), store)
    store.fail("row")
    assert await worker.observe(*(failed(30.0 * number, f"name {number}") for number in range(30)))


async def test_sessions_of_visitors_and_rotations_by_the_same_browser_cost_the_store_nothing(start):
    store = CountingStore(MemoryStore())
    worker = await start(Anomalies(), store)
    await worker.observe(*(began(number, None, f"v{number}") for number in range(100)))
    await worker.observe(
        rotated(0, (HOME, FIREFOX), (OFFICE, UPDATED)), rotated(0, (HOME, SAFARI), (HOME, SAFARI))
    )
    assert store.counts.total() == 0


async def test_events_that_no_rule_shares_cost_the_store_nothing(start):
    store = CountingStore(MemoryStore())
    worker = await start(Anomalies([RateShift()]), store)
    await worker.observe(unknown(1))
    assert store.counts.total() == 0
