"""Risk over a store."""

import pytest

from coatcheck.core.client import KnownClient
from coatcheck.core.errors import StoreUnavailable
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import CountingStore, FailingStore
from coatcheck.watch.places import Places
from coatcheck.watch.risk import Risk
from coatcheck.watch.risk.risk import TOGETHER
from tests.core.test_device import AGENTS
from tests.watch import mmdb

ADA = KnownClient("192.0.2.7", AGENTS["Firefox on Linux"])
MALLORY = KnownClient("203.0.113.5", AGENTS["Chrome on Windows"])


async def settle(risk, times=20, client=ADA, user="ada"):
    """Let a user sign in so often, a minute apart."""
    for number in range(times):
        await risk.learn(user, client, 1_000.0 + 60 * number)


async def test_a_user_is_recognised_and_somebody_else_is_not(store):
    risk = Risk(store)
    await settle(risk)
    ada, mallory = await risk.score("ada", ADA), await risk.score("ada", MALLORY)
    assert (ada.known, mallory.known) == (20, 20)
    assert ada.value < 0.1
    assert mallory.value > 1


async def test_a_worker_that_starts_knows_what_others_learnt(store):
    await settle(Risk(store), client=MALLORY, user="bob")
    await settle(Risk(store), 5)
    fresh, used = Risk(store), Risk(store)
    await settle(used, 1, user="carol")
    assert await fresh.score("ada", ADA) == await Risk(store).score("ada", ADA)
    assert (await used.score("ada", ADA)).known == 5


async def test_a_score_is_one_read_and_learning_writes_what_everyone_does_once_a_minute():
    store = CountingStore(MemoryStore())
    risk = Risk(store)
    await settle(risk, 1)
    store.counts.clear()
    await risk.score("ada", ADA)
    assert store.counts == {"row": 1}
    store.counts.clear()
    for second in range(int(TOGETHER) - 1):
        await risk.learn("ada", ADA, 1_000.0 + second)
    assert store.counts["put_row"] == int(TOGETHER) - 1, "the user's own, each time"
    await risk.learn("ada", ADA, 1_000.0 + TOGETHER)
    assert store.counts["put_row"] == int(TOGETHER) + 1


async def test_what_could_not_be_stored_is_stored_later():
    store = FailingStore(MemoryStore())
    risk = Risk(store)
    await settle(risk, 2)
    store.fail("row")
    with pytest.raises(StoreUnavailable):
        await risk._store(2_000.0)
    store.heal()
    await risk.learn("bob", MALLORY, 3_000.0)
    assert (await Risk(store)._known()).sign_ins == 3


async def test_who_leaves_is_forgotten(store):
    risk = Risk(store)
    await settle(risk)
    await risk.forget("ada")
    assert (await risk.score("ada", MALLORY)).known == 0


async def test_the_store_holds_neither_addresses_nor_user_ids_in_its_keys(store):
    risk = Risk(store)
    await settle(risk, 1)
    counts = await risk._rows.get("user ada")
    assert not [node for node in counts if "192.0.2.7" in node]
    assert [node for node in counts if "192.0.2.0/24" in node]


async def test_places_tell_a_move_within_a_country_from_one_abroad(store, tmp_path):
    known = {
        "192.0.2.0/24": mmdb.place("DE", 52.5, 13.4),
        "198.51.100.0/24": mmdb.place("DE", 48.1, 11.6),
        "203.0.113.0/24": mmdb.place("NZ", -36.8, 174.8),
    }
    risk = Risk(store, Places(mmdb.write(tmp_path / "city.mmdb", known)))
    await settle(risk)
    munich = await risk.score("ada", KnownClient("198.51.100.1", ADA.user_agent))
    auckland = await risk.score("ada", KnownClient("203.0.113.1", ADA.user_agent))
    assert munich.value < auckland.value
    assert auckland.parts[0][0] == "country"
