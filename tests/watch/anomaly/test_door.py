"""What happens at a real door is what the rules look for: sign-in, throttle and all."""

import pytest

from coatcheck.core.events import LoginThrottled, TokenUnknown
from coatcheck.login import CHEAPEST, Login, Passwords, SqliteAccounts
from coatcheck.testing import SeededEntropy
from coatcheck.watch.anomaly import Anomalies, BruteForce, CredentialStuffing, UnknownTokenFlood
from tests.watch.anomaly.happenings import FIREFOX, facts

EMAIL, PASSWORD = "ada@example.test", "vexing gnomes pack quartz jugs"


@pytest.fixture
async def worker(start, tmp_path):
    """A worker with a login, and one account."""
    made = await start(Anomalies([CredentialStuffing(), BruteForce(), UnknownTokenFlood(tokens=50)]))
    accounts = SqliteAccounts(tmp_path / "accounts.db", entropy=SeededEntropy("ids"))
    passwords = Passwords(CHEAPEST, entropy=SeededEntropy("salts"))
    made.login = Login(made.manager, accounts, passwords=passwords)
    await made.login.users.add(EMAIL, PASSWORD)
    yield made
    passwords.close()
    await accounts.close()


async def attempt(worker, email, password, ip):
    worker.clock.advance(1)
    session = await worker.manager.open(None, ip=ip, user_agent=FIREFOX)
    return await worker.login.login(session, email, password, ip=ip)


async def test_a_leaked_list_is_noticed_though_the_throttle_answers_most_of_it(worker):
    for number in range(60):
        await attempt(worker, f"user{number}@example.test", "leaked", f"192.0.2.{number % 2}")
    assert worker.seen.of(LoginThrottled)
    await worker.anomalies.look()
    (event,) = worker.found
    assert (event.rule, event.user_id) == ("credential_stuffing", None)
    assert "example.test" not in repr(worker.seen.events)


async def test_passwords_for_one_account_from_everywhere_are_noticed_and_its_user_named(worker):
    for number in range(10):
        await attempt(worker, EMAIL, f"guess {number}", f"10.0.{number}.1")
    assert (await attempt(worker, EMAIL, PASSWORD, "192.0.2.1")).code == "too_many_attempts"
    await worker.anomalies.look()
    (event,) = worker.found
    assert (event.rule, event.severity) == ("brute_force", "warning")
    assert event.user_id


async def test_guessed_session_ids_are_noticed_though_their_events_are_sampled(worker):
    for number in range(200):
        worker.clock.advance(0.1)
        await worker.manager.open(f"{number:064x}".encode().hex()[:64], ip="192.0.2.1")
    assert worker.seen.of(TokenUnknown)
    assert sum(event.count for event in worker.seen.of(TokenUnknown)) > 150
    await worker.anomalies.look()
    assert [event.rule for event in worker.found] == ["unknown_tokens"]
    assert facts(worker.found[0])["network"] == "192.0.2.0/24"
