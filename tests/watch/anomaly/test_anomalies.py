"""Events in, anomalies out, and what is done about them."""

import logging
from dataclasses import replace

import pytest

from coatcheck import Reason
from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events import SessionOver, SinkFailed, StoreFailed, TokenReused
from coatcheck.watch.anomaly import (
    Anomalies,
    BrowserChange,
    CredentialStuffing,
    SessionBurst,
    TokenReuse,
    standard_rules,
)
from tests.manager.feeds import until
from tests.watch.anomaly.conftest import ADA
from tests.watch.anomaly.happenings import OFFICE, SAFARI, UPDATED, began, facts, failed

STUFFING = [failed(second, f"name {second}") for second in range(60)]


async def test_a_finding_is_an_event_with_its_evidence(start):
    worker = await start()
    (event,) = await worker.observe(*STUFFING[:20])
    assert (event.rule, event.severity, event.response) == ("credential_stuffing", "alarm", "log")
    assert (event.at, event.user_id, event.device.ip) == (19, None, "192.0.2.7")
    assert facts(event)["names_failed"] == "20"


async def test_what_was_told_is_not_told_again_until_the_rule_has_kept_quiet(start):
    worker = await start(Anomalies([CredentialStuffing()]))
    assert len(await worker.observe(*STUFFING)) == 1
    later = [failed(second, f"other {second}") for second in range(650, 680)]
    assert len(await worker.observe(*later)) == 2
    assert len(await worker.observe(failed(680, "elsewhere", OFFICE))) == 2


async def test_a_task_looks_by_itself_and_a_worker_that_stops_finishes_first(start):
    worker = await start(Anomalies([CredentialStuffing()]))
    worker.manager.emit(STUFFING[0])
    await until(lambda: not worker.anomalies._waiting)
    for event in STUFFING[1:30]:
        worker.manager.emit(event)
    await worker.manager.__aexit__(None, None, None)
    assert [event.rule for event in worker.found] == ["credential_stuffing"]
    worker.manager.emit(STUFFING[-1])
    assert not worker.anomalies._waiting, "nobody is there to look any more"


async def test_nothing_waits_while_no_manager_is_in_use():
    anomalies = Anomalies()
    anomalies.observe(STUFFING[0])
    await anomalies.look()
    assert not anomalies._waiting


async def test_what_does_not_fit_is_lost_and_that_is_told(start, monkeypatch):
    monkeypatch.setattr("coatcheck.watch.anomaly.anomalies.WAITING", 10)
    worker = await start()
    await worker.observe(*STUFFING[:15])
    await worker.observe(STUFFING[15])
    assert [(event.sink, event.lost) for event in worker.seen.of(SinkFailed)] == [("anomalies", 5)]


async def test_a_rule_that_fails_harms_no_other(start, caplog):
    class Broken(CredentialStuffing):
        name = "broken"

        def see(self, event):
            raise RuntimeError

    worker = await start(Anomalies([Broken(), CredentialStuffing()]))
    with caplog.at_level(logging.CRITICAL, logger="coatcheck"):
        assert len(await worker.observe(*STUFFING)) == 1


async def test_another_browser_must_prove_its_user_again_and_is_not_signed_out(start):
    worker = await start()
    await worker.visit(user=ADA)
    await worker.rotate(OFFICE, SAFARI)
    await worker.anomalies.look()
    (event,) = worker.found
    assert (event.rule, event.severity, event.response) == ("browser_change", "alarm", "reauthenticate")
    session = await worker.visit(OFFICE, SAFARI)
    assert session.identity.auth_time == 0.0
    assert session.identity.user_id == "ada"


async def test_an_update_of_the_browser_signs_nobody_out_whatever_the_policy(start):
    strict = {rule.name: "revoke" for rule in standard_rules()}
    worker = await start(Anomalies(responses=strict))
    await worker.visit(user=ADA)
    for _ in range(20):
        await worker.rotate(agent=UPDATED)
    await worker.anomalies.look()
    assert not worker.found
    assert (await worker.visit()).identity.auth_time > 0


async def test_revoke_ends_the_session_that_a_finding_is_about(start):
    worker = await start(Anomalies([BrowserChange()], responses={"browser_change": "revoke"}))
    await worker.visit(user=ADA)
    await worker.rotate(OFFICE, SAFARI)
    await worker.anomalies.look()
    over = worker.seen.of(SessionOver)[-1]
    assert (over.reason, over.actor, over.session_id) == (Reason.REVOKED, "watch", worker.found[0].session_id)
    assert (await worker.visit()).reason is Reason.REVOKED


@pytest.mark.parametrize("response", ["revoke", "reauthenticate"])
async def test_a_finding_about_a_user_concerns_all_their_sessions(start, response):
    worker = await start(Anomalies([SessionBurst()], responses={"session_burst": response}))
    for _ in range(6):
        worker.jar = None
        await worker.visit(user=ADA)
    await worker.anomalies.look()
    sessions = await worker.manager.list("ada")
    assert [record.identity.auth_time for record in sessions] == [0.0] * (0 if response == "revoke" else 6)


async def test_a_finding_about_nobody_leaves_everybody_alone(start):
    worker = await start(Anomalies([CredentialStuffing()], responses={"credential_stuffing": "revoke"}))
    await worker.visit(user=ADA)
    await worker.observe(*STUFFING)
    assert worker.found
    assert (await worker.visit()).identity


async def test_what_an_operator_does_in_a_users_name_says_nothing_of_that_user(start):
    worker = await start(Anomalies([SessionBurst()]))
    acts = (began(second, "ada", f"s{second}") for second in range(20))
    assert not await worker.observe(*(replace(act, actor="operator") for act in acts))


async def test_a_store_that_fails_is_told_and_harms_nothing_else(start):
    worker = await start(Anomalies([SessionBurst()], responses={"session_burst": "revoke"}, shared=False))
    worker.store.fail("bump")
    await worker.observe(*(began(second, "ada", f"s{second}") for second in range(6)))
    assert [event.verb for event in worker.seen.of(StoreFailed)] == ["end"]
    assert worker.found


async def test_a_token_that_comes_back_is_found(start):
    worker = await start(Anomalies([TokenReuse()]))
    await worker.visit(user=ADA)
    stolen = worker.jar
    for _ in range(3):
        await worker.rotate()
    worker.jar = stolen
    await worker.visit(OFFICE, SAFARI)
    await worker.anomalies.look()
    assert worker.seen.of(TokenReused)
    assert facts(worker.found[0])["client"] == "Safari on iPhone"


@pytest.mark.parametrize(
    ("responses", "said"),
    [({"burst": "log"}, "no rule 'burst'"), ({"session_burst": "ban"}, "'ban' is no response")],
)
def test_a_policy_that_means_nothing_is_refused(responses, said):
    with pytest.raises(ConfigurationError, match=said):
        Anomalies(responses=responses)


def test_every_rule_of_the_standard_set_has_a_name_of_its_own():
    names = [rule.name for rule in standard_rules()]
    assert len(set(names)) == len(names) == 9
