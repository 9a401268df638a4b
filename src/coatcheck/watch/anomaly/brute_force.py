"""Brute force: one name, tried from many networks so that no throttle of an address sees it."""

from typing import ClassVar

from coatcheck.core.events import Event
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.attempts import ATTEMPTS, has_failed, name_of, network_of
from coatcheck.watch.anomaly.finding import Finding, evidence
from coatcheck.watch.anomaly.memory import Window

REMEMBERED = 10  # times the limit: networks of one name that are told apart
SHOWN = 5  # networks that the evidence names


class BruteForce:
    """One name failed from many networks. An alarm if one of them got in, else a warning.

    Args:
        networks: So many.
        window: Seconds for which an attempt counts.
    """

    name: ClassVar[str] = "brute_force"
    kinds: ClassVar[tuple[type[Event], ...]] = ATTEMPTS
    response: ClassVar[Response] = "notify"
    quiet: ClassVar[float] = 3600.0
    shared: ClassVar[bool] = True

    def __init__(self, networks: int = 8, window: float = 3600.0) -> None:
        self._networks = networks
        self._failed = Window(window, REMEMBERED * networks)

    def see(self, event: Event) -> Finding | None:
        """Note from where the name was tried."""
        network, name = network_of(event), name_of(event)
        if not network or not name:
            return None
        failed = has_failed(event)
        tried = self._failed.add(name, network, event.at) if failed else self._failed.of(name, event.at)
        if len(tried) < self._networks or network not in tried:
            return None
        return Finding(
            severity="warning" if failed else "alarm",
            key=f"{name} {'failed' if failed else 'let in'}",
            evidence=evidence(
                networks=len(tried),
                latest=", ".join(list(tried)[-SHOWN:]),
                within=f"{event.at - min(tried.values()):.0f} s",
                let_in=None if failed else network,
            ),
            user_id=event.user_id,
        )
