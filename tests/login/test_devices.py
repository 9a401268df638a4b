"""Known devices: remembered by digest, few, not for ever, and only their user's."""

import pytest

from coatcheck.login.devices import MAX_AGE, MAX_DEVICES, Devices
from coatcheck.testing import SeededEntropy

NOW = 1_700_000_000.0


@pytest.fixture
def devices(store):
    return Devices(store, SeededEntropy())


async def test_a_device_is_known_to_its_user_alone(devices):
    token = await devices.mint("ada", NOW)
    assert len(token) == 43
    assert await devices.check("ada", token, NOW)
    assert not await devices.check("grace", token, NOW)


@pytest.mark.parametrize("token", [None, "", "x", "A" * 43, "A" * 42 + "=", "\u00e9" * 43, "A" * 1_000_000])
async def test_whatever_else_is_presented_is_not_known(devices, token):
    await devices.mint("ada", NOW)
    assert not await devices.check("ada", token, NOW)


async def test_the_store_learns_no_token(devices, store):
    token = await devices.mint("ada", NOW)
    row = await store.row(devices._known._hashed("ada"))
    assert token.encode() not in row.value


async def test_a_device_is_known_for_400_days_at_most(devices):
    token = await devices.mint("ada", NOW)
    assert MAX_AGE == 400 * 86_400
    assert await devices.check("ada", token, NOW + MAX_AGE - 1)
    assert not await devices.check("ada", token, NOW + MAX_AGE)


async def test_the_oldest_makes_room_for_the_eleventh(devices):
    tokens = [await devices.mint("ada", NOW + number) for number in range(MAX_DEVICES + 1)]
    known = [await devices.check("ada", token, NOW + 20) for token in tokens]
    assert known == [False] + [True] * MAX_DEVICES


async def test_forgotten_devices_are_not_known(devices):
    token = await devices.mint("ada", NOW)
    await devices.forget("ada")
    assert not await devices.check("ada", token, NOW)
