"""What a sign-in is judged by."""

import pytest

from coatcheck.core.device import describe
from coatcheck.watch.places import Place
from coatcheck.watch.risk.features import LEVELS, features
from tests.core.test_device import AGENTS


def test_it_is_where_from_and_with_what_from_the_coarse_to_the_fine():
    device = describe("2001:db8:1:2::3", AGENTS["Firefox on Linux"])
    found = features(device, Place(country="DE", provider="AS64496"))
    assert found.paths == {
        "from": ("DE", "AS64496", "2001:db8:1::/48"),
        "with": ("Linux", "Firefox", "140"),
    }
    assert {name: len(levels) for name, levels in LEVELS.items()} == {"from": 3, "with": 3}


@pytest.mark.parametrize(
    ("label", "client"),
    [
        ("Safari on iPhone", ("iPhone", "Safari", "18")),
        ("Firefox on iPhone", ("iPhone", "Firefox", "140")),
        ("Edge on Windows", ("Windows", "Edge", "140")),
        ("curl", ("", "curl", "8")),
        ("Unknown device", ("", "Unknown device", "")),
    ],
)
def test_a_browser_is_known_by_its_version(label, client):
    assert features(describe("192.0.2.1", AGENTS[label])).client == client
