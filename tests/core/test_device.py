"""Devices: recognisable, coarse, and safe to log."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.core.device import MAX_USER_AGENT, NEIGHBOURHOOD, Device, describe, network

AGENTS = {
    "Firefox on Linux": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Chrome on Windows": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    "Edge on Windows": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0",
    "Opera on macOS": "Mozilla/5.0 (Macintosh) Chrome/140.0 Safari/537.36 OPR/120",
    "Safari on iPhone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
    "Chrome on iPad": "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) CriOS/140.0 Safari/604.1",
    "Firefox on iPhone": "Mozilla/5.0 (iPhone) FxiOS/140.0 Safari/605.1",
    "Samsung Internet on Android": "Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28 Chrome/130 Safari/537",
    "Chrome on ChromeOS": "Mozilla/5.0 (X11; CrOS x86_64) Chrome/140.0 Safari/537.36",
    "curl": "curl/8.5.0",
    "Python": "python-httpx/0.28",
    "Linux": "Something (Linux)",
    "Unknown device": "",
}


@pytest.mark.parametrize(("label", "agent"), AGENTS.items())
def test_a_person_recognises_it(label, agent):
    assert describe("192.0.2.1", agent) == Device(ip="192.0.2.1", user_agent=agent, label=label)


@given(ip=st.text(max_size=100), agent=st.text(max_size=400))
def test_nothing_in_it_breaks_a_log(ip, agent):
    device = describe(ip, agent)
    assert len(device.user_agent) <= MAX_USER_AGENT == 256
    assert len(device.ip) <= 64
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", device.ip + device.user_agent + device.label)


def test_control_characters_become_spaces():
    assert describe("a\r\nb", "x\u2028y\x00z") == Device(ip="a  b", user_agent="x y z")


@pytest.mark.parametrize(
    ("ip", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"),
        ("", ""),
        ("a socket's path", "a socket's path"),
    ],
)
def test_attempts_are_counted_by_what_a_customer_cannot_choose(ip: str, place: str) -> None:
    assert network(ip) == place


@pytest.mark.parametrize(
    ("ip", "place"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:7:1:2:3:4:5", "2001:db8:7::/48"),
        ("a socket's path", "a socket's path"),
    ],
)
def test_a_neighbourhood_is_what_one_customer_may_move_about_in(ip: str, place: str) -> None:
    assert network(ip, NEIGHBOURHOOD) == place
