"""A session that is used by another browser.

It is noticed at a rotation, every fifteen minutes as the default is: that costs a request nothing else, and
sooner or later whoever holds the cookie must rotate it.
"""

from typing import ClassVar

from coatcheck.core.device import NEIGHBOURHOOD, network
from coatcheck.core.events import Event, SessionReauthenticated, SessionRotated
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.attempts import network_of
from coatcheck.watch.anomaly.finding import Finding, evidence
from coatcheck.watch.anomaly.memory import Memory

DAY = 86_400.0


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
        was, now = network(event.begun_on.ip, NEIGHBOURHOOD), network_of(event)
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
