"""A session that went to another country, or is used from many networks; noticed at a rotation."""

from typing import ClassVar

from coatcheck.core.events import Event, SessionRotated
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.attempts import label_of, network_of
from coatcheck.watch.anomaly.finding import Finding, evidence
from coatcheck.watch.anomaly.memory import Window
from coatcheck.watch.places import Places

DAY = 86_400.0
REMEMBERED = 2  # times the limit: networks of one session that are told apart


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
        network, id = network_of(event), event.session_id
        if not isinstance(event, SessionRotated) or not network or id is None:
            return None
        seen = self._seen.add(id, network, event.at)
        countries = self._countries(event)
        if countries is None and len(seen) <= self._networks:
            return None
        was, now = countries or (None, None)
        return Finding(
            severity="notice" if countries is None else "warning",
            key=f"{id} {now}",
            evidence=evidence(
                networks=len(seen),
                network_is=network,
                country_was=was,
                country_is=now,
                client=label_of(event),
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
