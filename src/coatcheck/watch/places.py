"""Where an address is, as a database of MaxMind's format says: GeoLite2, GeoIP2, DB-IP.

Needs the extra `geo`. Coatcheck brings no database: give it a file, City for distances, ASN for providers.
"""

from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import msgspec

from coatcheck.core.errors import ConfigurationError

EARTH = 6_371.0  # kilometres: the mean radius
CACHED = 10_000  # addresses


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an address is; what the databases do not know is empty.

    Attributes:
        country: ISO 3166-1 code.
        provider: Number of the autonomous system, such as `AS3320`.
        latitude: Degrees north.
        longitude: Degrees east.
        radius: Kilometres by which it may be off.
    """

    country: str = ""
    provider: str = ""
    latitude: float | None = None
    longitude: float | None = None
    radius: float = 0.0

    def distance(self, other: "Place") -> float | None:
        """Return the kilometres that lie between two places at least; None if one is nowhere."""
        if None in (self.latitude, self.longitude, other.latitude, other.longitude):
            return None
        (south, west), (north, east) = _radians(self), _radians(other)
        haversine = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
        return max(0.0, 2 * EARTH * asin(sqrt(min(1.0, haversine))) - self.radius - other.radius)


NOWHERE = Place()


class Places:
    """Looks addresses up.

    Args:
        files: One database or several, whose answers are put together.

    Raises:
        ConfigurationError: A file is missing or no such database, or the extra is not installed.
    """

    def __init__(self, *files: str | Path) -> None:
        self._readers = [_open(file) for file in files]
        self._known: dict[str, Place] = {}

    def locate(self, ip: str) -> Place:
        """Return where an address is; `NOWHERE` if nobody knows."""
        if (known := self._known.get(ip)) is not None:
            return known
        if len(self._known) >= CACHED:
            self._known.clear()
        place = self._known[ip] = self._look_up(ip)
        return place

    def close(self) -> None:
        """Let go of the files."""
        for reader in self._readers:
            reader.close()

    def _look_up(self, ip: str) -> Place:
        found: dict[str, Any] = {}
        for reader in self._readers:
            try:
                found |= reader.get(ip) or {}
            except ValueError:  # no address, or one of IPv6 where the database has none
                continue
        at, number = found.get("location", {}), found.get("autonomous_system_number")
        return Place(
            country=found.get("country", {}).get("iso_code", ""),
            provider=f"AS{number}" if number else "",
            latitude=at.get("latitude"),
            longitude=at.get("longitude"),
            radius=float(at.get("accuracy_radius", 0.0)),
        )


def _radians(place: Place) -> tuple[float, float]:
    return radians(place.latitude or 0.0), radians(place.longitude or 0.0)


def _open(file: str | Path) -> Any:
    try:
        import maxminddb  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "places need the extra geo", remedy="Install it: pip install 'coatcheck[geo]'"
        ) from error
    try:
        return maxminddb.open_database(file)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise ConfigurationError(
            f"{file} is no database of places: {error}", remedy="Name a file in MaxMind's format (.mmdb)"
        ) from error
