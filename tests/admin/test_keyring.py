"""The page of keys."""

from coatcheck.admin.keyring import shown
from coatcheck.stores import MemoryStore
from coatcheck.testing import ManualClock, SeededEntropy
from coatcheck.tokens import FixedKeys, StoredKeys
from coatcheck.tokens.key import generate


async def test_keys_of_the_store_are_shown_with_what_each_is_good_for_and_none_is_made():
    clock = ManualClock()
    keys = StoredKeys(MemoryStore(), sealer=None, clock=clock, entropy=SeededEntropy(1))
    assert await shown(keys, clock.now()) == []
    first = (await keys.signer()).kid
    second = (await keys.rotate()).kid
    assert [(key.kid, key.state) for key in await shown(keys, clock.now())] == [
        (second, "next"),
        (first, "signing"),
    ]


async def test_configured_keys_are_shown_by_what_is_published():
    one, two = (generate("ES256", SeededEntropy(seed)) for seed in (1, 2))
    found = await shown(FixedKeys([one, two]), 0.0)
    assert [(key.kid, key.state, key.signs_from) for key in found] == [
        (one.kid, "signing", None),
        (two.kid, "verifying", None),
    ]
