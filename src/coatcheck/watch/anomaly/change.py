"""A session that is used by another browser, or from many networks.

It is noticed at a rotation, every fifteen minutes as the default is: that costs a request nothing else, and
sooner or later whoever holds the cookie must rotate it.
"""

from typing import ClassVar

from coatcheck.core.device import NEIGHBOURHOOD, network
from coatcheck.core.events import Event, SessionReauthenticated, SessionRotated
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.attempts import label_of, place_of
from coatcheck.watch.anomaly.finding import Finding, evidence
from coatcheck.watch.anomaly.memory import Memory, Window
from coatcheck.watch.places import Places

DAY = 86_400.0
REMEMBERED = 2  # times the limit: networks of one session that are told apart


class BrowserChange:
    """Another browser or operating system uses the session: a cookie cannot move there by itself.

    An update does not count, for labels are coarse: "Firefox on Linux" stays that. What may change a label
    honestly is a phone that asks for the desktop's pages; once its user has proven themselves with it, it is
    told no more. An alarm if the network is another one too.
    """

    name: ClassVar[str] = "browser_change"
    kinds: ClassVar[tuple[type[Event], ...]] = (SessionRotated, SessionReauthenticated)
    response: ClassVar[Response] = "reauthenticate"
    quiet: ClassVar[float] = DAY
    shared: ClassVar[bool] = True

    def __init__(self) -> None:
        self._proven: Memory[str] = Memory()

    def see(self, event: Event) -> Finding | None:
        """Compare with the client that began the session."""
        if event.device is None or event.session_id is None:
            return None
        if not isinstance(event, SessionRotated):
            self._proven.put(event.session_id, event.device.label)
            return None
        label = event.device.label
        if event.begun_on is None or label in (event.begun_on.label, self._proven.get(event.session_id)):
            return None
        was, now = network(event.begun_on.ip, NEIGHBOURHOOD), place_of(event)
        return Finding(
            severity="warning" if was == now else "alarm",
            key=f"{event.session_id} {label}",
            evidence=evidence(
                client_was=event.begun_on.label,
                client_is=label,
                network_was=was or None,
                network_is=now or None,
            ),
            session_id=event.session_id,
            user_id=event.user_id,
        )


class NetworkChange:
    """The session went to another country, or is used from many networks in a day.

    People move between home, work and their phone's network, so that alone says nothing.

    Args:
        networks: More than so many in a day are too many.
        places: Tells countries, if there is a database.
    """

    name: ClassVar[str] = "network_change"
    kinds: ClassVar[tuple[type[Event], ...]] = (SessionRotated,)
    response: ClassVar[Response] = "log"
    quiet: ClassVar[float] = DAY
    shared: ClassVar[bool] = False

    def __init__(self, networks: int = 5, places: Places | None = None) -> None:
        self._networks = networks
        self._places = places
        self._seen = Window(DAY, REMEMBERED * networks)

    def see(self, event: Event) -> Finding | None:
        """Note where the session is used."""
        place, id = place_of(event), event.session_id
        if not isinstance(event, SessionRotated) or not place or id is None:
            return None
        seen = self._seen.add(id, place, event.at)
        countries = self._countries(event)
        if countries is None and len(seen) <= self._networks:
            return None
        was, now = countries or (None, None)
        return Finding(
            severity="notice" if countries is None else "warning",
            key=f"{id} {now}",
            evidence=evidence(
                networks=len(seen), network_is=place, country_was=was, country_is=now, client=label_of(event)
            ),
            session_id=id,
            user_id=event.user_id,
        )

    def _countries(self, event: SessionRotated) -> tuple[str, str] | None:
        """Return the country the session began in and the one it is in now, if they differ."""
        if self._places is None or event.begun_on is None or event.device is None:
            return None
        was, now = self._places.locate(event.begun_on.ip), self._places.locate(event.device.ip)
        if not was.country or not now.country or was.country == now.country:
            return None
        return was.country, now.country
