"""What strangers may cost, and that nobody pays for their neighbours."""

import asyncio

import pytest

from coatcheck import Reason
from coatcheck.core.token import mint
from coatcheck.manager import strangers
from coatcheck.manager.strangers import BUDGET, MAX_ADDRESSES, WINDOW, Strangers
from coatcheck.testing import SeededEntropy
from tests.manager.conftest import ADA, Bench

NOW = 1_000.0
FLOOD = 300


def spend(counter: Strangers, ip: str, count: int = BUDGET, at: float = NOW) -> None:
    for _ in range(count):
        counter.note(ip, at)


def test_a_budget_lasts_for_its_window() -> None:
    counter = Strangers()
    assert not counter.has_spent("192.0.2.1", NOW)
    spend(counter, "192.0.2.1", BUDGET - 1)
    assert not counter.has_spent("192.0.2.1", NOW)
    spend(counter, "192.0.2.1", 1, NOW + 5)
    assert counter.has_spent("192.0.2.1", NOW + WINDOW - 0.1)
    assert not counter.has_spent("192.0.2.2", NOW)
    assert not counter.has_spent("192.0.2.1", NOW + WINDOW)
    spend(counter, "192.0.2.1", 1, NOW + WINDOW)
    assert not counter.has_spent("192.0.2.1", NOW + WINDOW)


def test_the_addresses_of_one_customer_count_together() -> None:
    counter = Strangers()
    for number in range(BUDGET):
        counter.note(f"2001:db8::{number:x}", NOW)
    assert counter.has_spent("2001:db8::ffff", NOW)
    assert not counter.has_spent("2001:db8:0:1::1", NOW)
    assert counter.turn("2001:db8::1") is counter.turn("2001:db8::2")


def test_many_addresses_take_a_bounded_memory() -> None:
    counter = Strangers()
    for number in range(MAX_ADDRESSES + 10):
        counter.note(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", NOW)
    assert len(counter._counts) <= MAX_ADDRESSES
    lock = counter.turn("192.0.2.1")
    assert len(counter._turns) == 1
    del lock
    assert len(counter._turns) == 0, "a turn lasts for as long as somebody waits for it"


class Slow:
    """Makes every read wait until it is let go, and counts how many wait at once."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at_once = self.most = self.reads = 0
        load = bench.failing.load

        async def slow(id: str):  # type: ignore[no-untyped-def]
            self.reads += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            await asyncio.sleep(0)
            self.at_once -= 1
            return await load(id)

        monkeypatch.setattr(bench.failing, "load", slow)


async def flood(bench: Bench, ip: str) -> None:
    entropy = SeededEntropy(99)
    opened = await asyncio.gather(*(bench.manager.open(mint(entropy).text, ip=ip) for _ in range(FLOOD)))
    assert {session.reason for session in opened} == {Reason.UNKNOWN_TOKEN}


async def test_a_flood_reads_one_at_a_time_once_its_budget_is_spent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(bench, monkeypatch)
    await flood(bench, "198.51.100.7")
    assert slow.most == FLOOD, "nothing was known of this address"
    slow.most = 0
    await flood(bench, "198.51.100.7")
    assert slow.most == 1
    slow.most = 0
    await flood(bench, "203.0.113.9")
    assert slow.most == FLOOD, "others wait for nobody"


async def test_nobody_is_refused_for_the_company_they_are_in(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session this worker has never read, and a sign-in, behind the address of a flood under way."""
    await bench.sign_in()
    monkeypatch.setattr(strangers, "BUDGET", 3)
    Slow(bench, monkeypatch)
    await flood(bench, "198.51.100.7")
    flooding = asyncio.create_task(flood(bench, "198.51.100.7"))
    await asyncio.sleep(0)
    session = await bench.manager.open(bench.jar, ip="198.51.100.7")
    assert session.user_id == ADA.user_id
    visitor = await bench.manager.open(mint(SeededEntropy(7)).text, ip="198.51.100.7")
    await bench.manager.begin(visitor, ADA)
    assert (await bench.manager.close(visitor)).text  # type: ignore[union-attr]
    await flooding


async def test_the_flood_of_an_id_that_was_read_costs_no_read(
    near: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await near.sign_in()
    await near.remember()
    slow, unknown = Slow(near, monkeypatch), mint(SeededEntropy(99)).text
    for _ in range(FLOOD):
        await near.manager.open(unknown, ip="198.51.100.7")
    assert slow.reads == 1
