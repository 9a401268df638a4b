"""Where a session lives: enough for its owner to recognise it, and no more."""

import ipaddress
import re
from functools import lru_cache

import msgspec

MAX_USER_AGENT = 256
CUSTOMER = (32, 64)  # bits of an IPv4 and an IPv6 address that are one customer's; the rest they choose
NEIGHBOURHOOD = (24, 48)  # and of what one customer may well move about in
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

# The first match wins, so browsers that pretend to be others stand before those.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class Device(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The client a session was opened from.

    Attributes:
        ip: Address of the peer, as the server saw it.
        user_agent: What the client says it is; at most 256 characters, no control characters.
        label: What a person would call it: "Firefox on Linux". Coarse on purpose: a browser
            update never makes a new device.
    """

    ip: str = ""
    user_agent: str = ""
    label: str = "Unknown device"


@lru_cache(maxsize=1_024)  # one request tells of its client several times
def describe(ip: str, user_agent: str) -> Device:
    """Build a device from what a request shows; safe against log injection (ASVS 16.4.1)."""
    agent = _CONTROL.sub(" ", user_agent[:MAX_USER_AGENT])
    return Device(ip=_CONTROL.sub(" ", ip[:64]), user_agent=agent, label=_label(agent))


def _label(agent: str) -> str:
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Unknown device"


def network(ip: str, bits: tuple[int, int] = CUSTOMER) -> str:
    """Return the first bits of an address, of IPv4 and of IPv6: whom to count attempts by."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    kept = bits[0] if isinstance(address, ipaddress.IPv4Address) else bits[1]
    if kept == address.max_prefixlen:
        return str(address)
    return str(ipaddress.ip_network((address.packed, kept), strict=False))
