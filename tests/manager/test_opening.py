"""What comes of the text of a cookie."""

import pytest

from coatcheck import Reason, StoreUnavailable
from coatcheck.core.errors import CorruptRecord
from coatcheck.core.events import (
    RecordCorrupt,
    SessionOver,
    SessionRefused,
    StoreFailed,
    StoreRolledBack,
    TokenMalformed,
    TokenReused,
    TokenUnknown,
)
from coatcheck.core.token import mint
from coatcheck.testing import SeededEntropy
from tests.manager.conftest import Bench


async def rotate(bench: Bench) -> str:
    """Let the token rotate once; return the retired one."""
    retired = bench.jar
    bench.clock.advance(901)
    await bench.visit()
    assert bench.jar != retired
    await bench.visit()
    assert retired is not None
    return retired


async def test_no_cookie_reads_nothing(bench: Bench) -> None:
    session = await bench.open()
    assert session.record is None
    assert session.reason is Reason.NO_SESSION
    assert bench.store.counts.total() == 0


async def test_a_malformed_cookie_reads_nothing_and_is_told(bench: Bench) -> None:
    session = await bench.manager.open("x" * 63)
    assert session.reason is Reason.UNKNOWN_TOKEN
    assert bench.store.counts.total() == 0
    assert bench.seen.of(TokenMalformed)


async def test_an_unknown_token_is_nobody(bench: Bench) -> None:
    session = await bench.manager.open(mint(SeededEntropy(99)).text)
    assert (session.record, session.reason) == (None, Reason.UNKNOWN_TOKEN)
    assert bench.seen.of(TokenUnknown)


async def test_a_flood_of_unknown_tokens_is_sampled_and_counted(bench: Bench) -> None:
    entropy = SeededEntropy(99)
    for _ in range(50):
        await bench.manager.open(mint(entropy).text, ip="198.51.100.7")
    bench.clock.advance(2)
    await bench.manager.open(mint(entropy).text, ip="198.51.100.7")
    assert [event.count for event in bench.seen.of(TokenUnknown)] == [1, 50]


async def test_the_holder_of_a_token_is_admitted(bench: Bench) -> None:
    await bench.sign_in()
    session = await bench.open()
    assert session.identity is not None
    assert session.identity.email == "ada@example.test"
    assert session.record is not None
    assert session.record.device.label == "Firefox on Linux"


@pytest.mark.parametrize(
    ("seconds", "reason"), [(1805, None), (1806, Reason.IDLE_TIMEOUT)], ids=["just alive", "idle"]
)
async def test_idle_ends_it(bench: Bench, seconds: float, reason: Reason | None) -> None:
    await bench.sign_in()
    bench.clock.advance(seconds)
    assert (await bench.open()).reason is reason


async def test_absolute_ends_it_however_active(bench: Bench) -> None:
    await bench.sign_in()
    for _ in range(12 * 60):
        bench.clock.advance(60)
        session = await bench.visit(active=True)
        await bench.manager.touch(session)
    bench.clock.advance(6)
    assert (await bench.open()).reason is Reason.ABSOLUTE_TIMEOUT
    assert bench.seen.of(SessionRefused)


async def test_a_retired_token_inside_the_overlap_is_served_and_offered_nothing(bench: Bench) -> None:
    await bench.sign_in()
    retired = await rotate(bench)
    bench.clock.advance(15)
    session = await bench.manager.open(retired)
    assert session.admission.admitted
    assert await bench.manager.close(session) is None


async def test_a_retired_token_beyond_the_overlap_ends_the_session(bench: Bench) -> None:
    await bench.sign_in()
    retired = await rotate(bench)
    bench.clock.advance(16)
    assert (await bench.manager.open(retired)).reason is Reason.TOKEN_REUSED
    [reuse] = bench.seen.of(TokenReused)
    assert reuse.ended
    assert reuse.evidence.one_step_back
    assert reuse.user_id == "u-ada"
    assert bench.seen.of(SessionOver)[-1].reason is Reason.TOKEN_REUSED
    assert (await bench.open()).reason is Reason.TOKEN_REUSED


async def test_an_end_that_cannot_be_written_is_retried(bench: Bench) -> None:
    await bench.sign_in()
    retired = await rotate(bench)
    bench.clock.advance(16)
    bench.failing.fail("end")
    assert (await bench.manager.open(retired)).reason is Reason.TOKEN_REUSED
    assert not bench.seen.of(TokenReused)[0].ended
    assert bench.seen.of(StoreFailed)
    bench.failing.heal()
    async with bench.manager:
        pass  # leaving writes what was left
    assert (await bench.open()).reason is Reason.TOKEN_REUSED


async def test_a_rolled_back_store_is_an_alarm_and_no_accusation(bench: Bench) -> None:
    session = await bench.sign_in()
    before = session.record
    await rotate(bench)
    await rotate(bench)
    memory = bench.failing.inner
    memory._sessions[before.id] = before  # type: ignore[attr-defined,union-attr]
    refused = await bench.open()
    assert refused.reason is Reason.SUPERSEDED
    assert bench.seen.of(StoreRolledBack)
    assert not bench.seen.of(TokenReused)


async def test_a_corrupt_row_is_no_session(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.sign_in()

    async def load(_id: str) -> None:
        raise CorruptRecord("torn")

    monkeypatch.setattr(bench.failing, "load", load)
    assert (await bench.open()).record is None
    assert bench.seen.of(RecordCorrupt)


async def test_an_outage_is_a_fault_and_not_a_refusal(bench: Bench) -> None:
    await bench.sign_in()
    bench.failing.fail("load")
    with pytest.raises(StoreUnavailable):
        await bench.open()
