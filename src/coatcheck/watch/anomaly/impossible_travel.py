"""Impossible travel: one user in two places, too far apart for the time between."""

from typing import ClassVar

from coatcheck.core.events import Event, SessionCreated, SessionReauthenticated
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.attempts import network_of
from coatcheck.watch.anomaly.finding import Finding, evidence
from coatcheck.watch.anomaly.memory import Memory
from coatcheck.watch.places import Place, Places


class ImpossibleTravel:
    """Two sign-ins of one user, one after the other, are too far apart for the time between.

    A VPN looks like it, so it is told once a day for each pair of countries and nobody is signed out.

    Args:
        places: Knows where addresses are.
        speed: Kilometres an hour that nobody exceeds; airliners do 900.
        distance: Kilometres, less what the database may be off, below which nothing is said.
    """

    name: ClassVar[str] = "impossible_travel"
    kinds: ClassVar[tuple[type[Event], ...]] = (SessionCreated, SessionReauthenticated)
    response: ClassVar[Response] = "notify"
    quiet: ClassVar[float] = 86_400.0
    shared: ClassVar[bool] = True

    def __init__(self, places: Places, speed: float = 1_000.0, distance: float = 300.0) -> None:
        self._places = places
        self._speed = speed
        self._distance = distance
        self._last: Memory[tuple[float, str, Place]] = Memory()

    def see(self, event: Event) -> Finding | None:
        """Note where the user is, and how far that is from where they were."""
        if event.user_id is None or event.device is None or not event.device.ip:
            return None
        here, before = self._places.locate(event.device.ip), self._last.get(event.user_id)
        if here.latitude is None:
            return None
        self._last.put(event.user_id, (event.at, network_of(event), here))
        if before is None:
            return None
        at, network, there = before
        distance, hours = there.distance(here) or 0.0, abs(event.at - at) / 3600
        if distance < self._distance or distance <= self._speed * hours:
            return None
        pair = sorted((there.country, here.country))
        return Finding(
            severity="warning",
            key=f"{event.user_id} {' '.join(pair)}",
            evidence=evidence(
                distance=f"{distance:.0f} km",
                minutes=f"{60 * hours:.0f}",
                country_was=there.country or None,
                country_is=here.country or None,
                network_was=network,
                network_is=network_of(event),
            ),
            session_id=event.session_id,
            user_id=event.user_id,
        )
