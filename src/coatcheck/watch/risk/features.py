"""What a sign-in is judged by: where it comes from and with what, each from the coarse to the fine."""

import re

import msgspec

from coatcheck.core.device import NEIGHBOURHOOD, Device, network
from coatcheck.watch.places import NOWHERE, Place

Path = tuple[str, ...]

LEVELS = {"from": ("country", "provider", "network"), "with": ("system", "browser", "version")}
"""What the parts of the two paths are called."""

_VERSION = re.compile(r"(?:Firefox|FxiOS|CriOS|Chrome|Version|curl)/(\d+)", re.ASCII)


class Features(msgspec.Struct, frozen=True):
    """Two paths, their parts as in `LEVELS`; what nobody knows is an empty part."""

    origin: Path
    client: Path

    @property
    def paths(self) -> dict[str, Path]:
        """The paths by their names."""
        return {"from": self.origin, "with": self.client}


def features(device: Device, place: Place = NOWHERE) -> Features:
    """Return what a client is judged by; the address is kept as its network only (/24, or /48 of IPv6)."""
    browser, _, system = device.label.partition(" on ")
    version = _VERSION.search(device.user_agent)
    return Features(
        (place.country, place.provider, network(device.ip, NEIGHBOURHOOD)),
        (system, browser, version[1] if version else ""),
    )
