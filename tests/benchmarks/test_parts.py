"""Each part does what its page says, on a small scale, and judges its figures as it says. No timing here."""

import asyncio
import time

import msgspec
import pytest

from benchmarks import timing
from benchmarks.__main__ import PARTS
from benchmarks.options import Options, parse
from benchmarks.parts import audit, cold, growth, load, revocation, sizes, sweep, touches
from benchmarks.parts.load import BARE, Contender
from benchmarks.parts.sweep import Reads
from benchmarks.parts.touches import Written
from benchmarks.servers import ENGINES, MEMORY, SQLITE
from benchmarks.sessions import fill, session_of, token_of
from benchmarks.variant import DATA
from benchmarks.worker import Refusal
from coatcheck import SessionManager
from coatcheck.stores import open_store

QUICK = Options([], rounds=2, requests=3)


def verdicts(page):
    return {verdict.what: verdict for verdict in page.verdicts}


@pytest.mark.parametrize("engine", [MEMORY, *ENGINES])
async def test_sessions_written_in_bulk_are_sessions_of_people_who_signed_in(servers, engine):
    url = servers.fresh(engine)
    store = open_store(url)
    await fill(store, url, range(3), time.time())
    async with SessionManager(store) as manager:
        session = await manager.open(token_of(1).text)
        assert session.identity.user_id == "user-1"
        assert session["theme"] == "dark"
        assert (await store.user("user-2")).ids == (token_of(2).id,)
    await store.close()


def test_every_session_holds_200_bytes_of_data():
    assert len(msgspec.json.encode(DATA)) == len(session_of(1, 0.0).data) == 200


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_cold_read_and_the_drivers_own_fetch_the_same_row(servers, engine):
    samples = await cold.measure(engine, QUICK, servers)
    assert {name: len(taken) for name, taken in samples.items()} == {"driver": 2, "load": 2, "open": 2}


def test_a_cold_read_is_judged_by_the_median_of_the_rounds():
    samples = {"driver": [1e-5, 4e-5, 1e-5], "load": [1.2e-5, 5.6e-5, 1.3e-5], "open": [2e-5] * 3}
    judged = verdicts(cold.page({SQLITE: samples}, QUICK))["SQLite: load, of the driver's call"]
    assert judged.measured == pytest.approx(1.3)


async def test_growth_loads_what_is_there_and_creates_what_is_not(servers):
    samples = await growth.measure(MEMORY, (5, 10), QUICK, servers)
    assert {key: len(taken) for key, taken in samples.items()} == {
        (verb, size): 2 for verb in ("load", "create", growth.FLOOR) for size in (5, 10)
    }
    judged = verdicts(
        growth.page({MEMORY: samples | {("load", 5): [1.0, 1.0], ("load", 10): [1.3, 1.3]}}, (5, 10), QUICK)
    )
    assert not judged["memory, load: 10 sessions, of 5"].met


@pytest.mark.parametrize("engine", ENGINES)
async def test_the_room_that_sessions_take_is_that_of_their_rows(servers, engine):
    assert 500 < await sizes.ours(engine, 300, servers) < 5_000


async def test_sweeping_deletes_what_expired_while_the_living_are_read(servers):
    reads = await sweep.measure(servers.fresh(SQLITE), live=5, expired=20, quiet=0.05)
    assert reads.quiet
    assert reads.swept
    page = sweep.page({SQLITE: Reads([1.0] * 50, [2.0] * 49 + [4.0], 1.0)}, 20)
    assert verdicts(page)["SQLite: p99 while sweeping, of the quiet one"].measured == pytest.approx(3.02)


async def test_everybodys_activity_is_stored_and_counted(servers):
    written = await touches.measure(servers.fresh(SQLITE), seconds=0.2)
    assert written.touched >= touches.SESSIONS
    assert written.calls >= 1
    judged = verdicts(touches.page({SQLITE: Written(101, 3, 100)}))
    assert not judged["SQLite: sessions touched"].met
    assert judged["SQLite: round trips"].met


async def test_every_worker_refuses_what_was_revoked(servers):
    refusals = await revocation.revoke(servers.fresh(SQLITE), 2)
    assert len(refusals) == 2 * revocation.WORKERS
    assert all(refusal.admitted < refusal.refused for _, refusal in refusals)


def test_a_refusal_before_the_acknowledgement_counts_as_none():
    whole = {SQLITE: [(10.0, Refusal(9.8, 9.9, 5)), (10.0, Refusal(10.0, 10.06, 5))]}
    cut = {"Redis": [(10.0, Refusal(11.9, 13.0, 0)), (10.0, Refusal(12.1, 13.0, 0))]}
    judged = verdicts(revocation.page(whole, cut))
    assert judged["SQLite: p99 of a revocation"].measured == pytest.approx(59.4)
    assert judged["Redis, feed cut: the longest"].measured == pytest.approx(2_100)
    assert not judged["Redis, feed cut: the longest"].met


def test_a_server_is_judged_by_what_the_bare_application_delivered_in_the_same_round():
    contenders = [
        Contender(BARE, "", port=1, rates=[1000.0, 100.0, 1000.0]),
        Contender("Coatcheck, SQLite", "", port=2, rates=[950.0, 90.0, 880.0]),
    ]
    [judged] = load.page(contenders, 3).verdicts
    assert judged.measured == pytest.approx(0.9)
    assert judged.met


def test_without_wrk_the_page_says_how_to_install_it(servers, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert "apt install wrk" in load.run(QUICK, servers).about


def test_parts_are_chosen_by_name(capsys):
    names = {name: about for name, (_, about) in PARTS.items()}
    assert parse(["cold", "--rounds", "9"], names) == Options(["cold"], rounds=9)
    for wrong in (["colt"], ["--rounds", "6"]):
        with pytest.raises(SystemExit):
            parse(wrong, names)
    assert "there is no part colt" in capsys.readouterr().err


async def test_a_run_from_which_the_processor_was_taken_does_not_count():
    assert list(timing.runs(50)) == [20, 20, 10]
    took = iter([0.001] * 20 + [0.05] * 20 + [0.001] * 10)

    async def act():
        time.sleep(next(took))  # noqa: ASYNC251 - the processor is away

    assert await timing.each(act, 50) < 0.01


@pytest.mark.parametrize("engine", [MEMORY, SQLITE])
async def test_every_sign_in_of_the_audited_application_is_in_the_ledger(servers, engine):
    costs = await audit.measure(engine, audit.Application.sign_in, QUICK, servers)
    assert len(costs.plain) == len(costs.audited) == QUICK.rounds
    costs = await audit.measure(engine, audit.Application.read, QUICK, servers)
    assert len(costs.plain) == len(costs.audited) == QUICK.rounds


def test_workers_append_at_once_and_all_of_it_is_verified(servers):
    url = servers.fresh(SQLITE)
    assert audit.append_at_once(url, 2, 30) > 0
    assert asyncio.run(audit.time_to_verify(servers.fresh(SQLITE), 1_200)) > 0
    store = open_store(url)
    assert len(asyncio.run(store.heads())) == 2
    asyncio.run(store.close())


def test_the_ledger_is_judged_by_the_median_of_the_rounds():
    costs = audit.Costs([1e-4, 2e-4, 1e-4], [1.1e-4, 2.4e-4, 1.3e-4])
    page = audit.page({SQLITE: costs}, {MEMORY: costs}, {SQLITE: [1.0, 2.0]}, {SQLITE: 3.0}, QUICK)
    judged = verdicts(page)
    assert judged["SQLite: a sign-in, of one without the ledger"].measured == pytest.approx(1.2)
    assert not judged["SQLite: a sign-in, of one without the ledger"].met
    assert judged["SQLite: 100,000 entries verified"].met
