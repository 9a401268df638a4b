"""Keys in the store: made once, rotated by anybody, known to everybody."""

import asyncio

import pytest

from coatcheck import ConfigurationError, StoreUnavailable
from coatcheck.core.moving import MOVED_ROW
from coatcheck.stores import MemoryStore, SqliteStore
from coatcheck.testing import FailingStore, ManualClock, SeededEntropy
from coatcheck.tokens import KeyPolicy, Sealer, StoredKeys, TokenPolicy, keys_of
from coatcheck.tokens.ring import State
from coatcheck.tokens.ring_form import _read as stored_keys
from coatcheck.tokens.stored import ROW

POLICY = KeyPolicy(lead=900, keep=600, reload=60)
OLD, NEW = SeededEntropy("old").token_bytes(32), SeededEntropy("new").token_bytes(32)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "keys.db")
    yield store
    await store.close()


def keys(store, clock, seed="keys", sealer=None) -> StoredKeys:
    return StoredKeys(store, POLICY, sealer=sealer, clock=clock, entropy=SeededEntropy(seed))


async def test_processes_that_start_at_once_agree_on_the_first_key(store, clock):
    several = [keys(store, clock, seed) for seed in range(5)]
    signers = await asyncio.gather(*(each.signer() for each in several))
    assert len({signer.kid for signer in signers}) == 1
    assert [jwk["kid"] for jwk in await several[0].public()] == [signers[0].kid]


async def test_a_rotated_key_is_published_first_then_signs_then_verifies_then_goes(store, clock):
    here, there = keys(store, clock, 1), keys(store, clock, 2)
    first = await here.signer()
    assert (await there.signer()).kid == first.kid
    second = await here.rotate()
    clock.advance(POLICY.reload + 1)
    assert {jwk["kid"] for jwk in await there.public()} == {first.kid, second.kid}
    assert (await there.signer()).kid == first.kid
    clock.advance(POLICY.lead - POLICY.reload)
    assert (await there.signer()).kid == second.kid
    assert (await there.find(first.kid)).kid == first.kid
    clock.advance(POLICY.keep)
    assert await there.find(first.kid) is None
    await here.rotate()
    assert first.kid not in {entry.key.kid for entry in (await here.ring()).entries}


async def test_a_token_of_a_key_that_is_new_here_is_looked_for_at_a_bounded_rate(store, clock):
    here, there = keys(store, clock, 1), keys(store, clock, 2)
    await there.signer()
    second = await here.rotate()
    assert await there.find(second.kid) is None
    clock.advance(1.5)
    assert (await there.find(second.kid)).kid == second.kid
    assert await there.find("made up") is None


async def test_a_retired_key_is_gone_at_once_and_another_signs(store, clock):
    here = keys(store, clock)
    first = await here.signer()
    old = await here.rotate()
    clock.advance(POLICY.lead)
    assert await here.retire(old.kid)
    assert await here.find(old.kid) is None
    signer = await here.signer()
    assert signer.kid not in (first.kid, old.kid)
    assert (await here.ring()).state(first.kid, clock.now()) is State.VERIFYING
    assert not await here.retire(old.kid)
    following = await here.rotate()
    assert await here.retire(following.kid)
    assert (await here.signer()).kid == signer.kid


async def test_rotations_at_the_same_moment_are_all_kept(store, clock):
    several = [keys(store, clock, seed) for seed in range(4)]
    added = await asyncio.gather(*(each.rotate() for each in several))
    clock.advance(61)
    assert {key.kid for key in added} < {entry.key.kid for entry in (await several[0].ring()).entries}


async def test_private_parts_are_sealed_and_follow_the_rotation_of_their_key(store, clock):
    sealed = keys(store, clock, 2, sealer=Sealer([OLD]))
    first = await sealed.signer()
    value = (await store.row(ROW)).value
    assert b'"sealed":false' not in value
    assert b'"d"' not in value
    both = keys(store, clock, 3, sealer=Sealer([NEW, OLD]))
    assert (await both.signer()).kid == first.kid
    await both.rotate()
    assert (await keys(store, clock, 4, sealer=Sealer([NEW])).signer()).kid == first.kid
    for wrong in (None, Sealer([OLD])):
        with pytest.raises(ConfigurationError, match="not here"):
            await keys(store, clock, 5, sealer=wrong).signer()


async def test_with_a_sealer_a_key_in_the_clear_is_not_used_whoever_put_it_there(store, clock, caplog):
    clear = await keys(store, clock).signer()
    sealed = keys(store, clock, 2, sealer=Sealer([OLD]))
    assert await sealed.find(clear.kid) is None
    assert f"key {clear.kid} lies unsealed" in caplog.text
    assert (await sealed.signer()).kid != clear.kid
    assert b'"sealed":false' not in (await store.row(ROW)).value


def test_the_keys_a_policy_asks_for_are_sealed_or_said_not_to_be(clock):
    def chosen(wanted):
        policy = TokenPolicy(issuer="https://app.test", audience="api", keys=wanted)
        return keys_of(policy, MemoryStore(), clock, SeededEntropy("keys"))

    with pytest.raises(ConfigurationError, match="COATCHECK_ENCRYPTION_KEYS"):
        chosen(None)
    with pytest.raises(ConfigurationError, match="no text"):
        chosen("a secret")
    assert isinstance(chosen("unsealed"), StoredKeys)
    own = keys(MemoryStore(), clock)
    assert chosen(own) is own


async def test_no_private_part_is_shown_by_accident(store, clock):
    await keys(store, clock).signer()
    row = await store.row(ROW)
    [stored] = stored_keys(row.value)
    assert stored.private.decode() not in f"{row!r} {stored!r}"
    assert '"d"' not in f"{row!r} {stored!r}"


async def test_a_policy_with_a_sealer_has_its_keys_sealed(store, clock):
    policy = TokenPolicy(issuer="https://app.test", audience="api", keys=Sealer([OLD]))
    signer = await keys_of(policy, store, clock, SeededEntropy("keys")).signer()
    row = await store.row(ROW)
    assert b'"sealed":false' not in row.value
    assert (await keys(store, clock, sealer=Sealer([OLD])).signer()).kid == signer.kid


@pytest.mark.parametrize("value", [b"", b"\xff", b"{}", b'[{"kid":1}]'])
async def test_a_ring_that_cannot_be_read_is_never_taken_for_an_empty_one(store, clock, value):
    await store.put_row(ROW, value, expected=0, expires_at=0.0)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        await keys(store, clock).signer()


async def test_a_ring_that_moved_to_another_store_is_not_missing_but_elsewhere(store, clock):
    await keys(store, clock).signer()
    row = await store.row(ROW)
    await store.put_row(ROW, MOVED_ROW, expected=row.version, expires_at=0.0)
    with pytest.raises(StoreUnavailable, match="moved"):
        await keys(store, clock).signer()


async def test_a_key_under_another_ones_id_is_refused(store, clock):
    await keys(store, clock).signer()
    row = await store.row(ROW)
    forged = row.value.replace(b'[{"kid":"', b'[{"kid":"x')
    assert await store.put_row(ROW, forged, expected=row.version, expires_at=0.0)
    with pytest.raises(ConfigurationError, match="another key"):
        await keys(store, clock).signer()


async def test_the_sweeper_leaves_the_ring(store, clock):
    signer = await keys(store, clock).signer()
    await store.sweep(clock.now() + 1e9, 100)
    assert (await keys(store, clock, 2).signer()).kid == signer.kid


async def test_while_the_store_is_down_the_known_ring_goes_on(clock):
    store = FailingStore(MemoryStore())
    here = keys(store, clock)
    signer = await here.signer()
    store.fail("row")
    clock.advance(61)
    assert (await here.signer()).kid == signer.kid
    with pytest.raises(StoreUnavailable):
        await keys(store, clock).signer()


def test_a_store_without_rows_is_refused(clock):
    with pytest.raises(ConfigurationError, match="keeps no rows"):
        keys(object(), clock)
