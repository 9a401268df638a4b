"""Credential stuffing: passwords from somebody else's leak, each tried with its own name."""

from typing import ClassVar

from coatcheck.core.events import Event
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.attempts import ATTEMPTS, has_failed, label_of, name_of, network_of
from coatcheck.watch.anomaly.finding import Finding, evidence
from coatcheck.watch.anomaly.memory import Window

REMEMBERED = 10  # times the limit: names of one network that are told apart


class CredentialStuffing:
    """Many names failed from one network, and few got in.

    Whoever mistypes and then gets in is taken back, and a network from which many get in is one that many
    people share: an office, a campus, a mobile carrier.

    Args:
        names: So many names failed.
        ratio: And so many times as many as got in.
        window: Seconds for which an attempt counts.
    """

    name: ClassVar[str] = "credential_stuffing"
    kinds: ClassVar[tuple[type[Event], ...]] = ATTEMPTS
    response: ClassVar[Response] = "log"
    quiet: ClassVar[float] = 600.0
    shared: ClassVar[bool] = True

    def __init__(self, names: int = 20, ratio: float = 4.0, window: float = 600.0) -> None:
        self._names = names
        self._ratio = ratio
        self._failed = Window(window, REMEMBERED * names)
        self._let_in = Window(window, REMEMBERED * names)

    def see(self, event: Event) -> Finding | None:
        """Note who failed and who got in."""
        network, name = network_of(event), name_of(event)
        if not network or not name:
            return None
        if not has_failed(event):
            self._failed.discard(network, name)
            self._let_in.add(network, name, event.at)
            return None
        failed = self._failed.add(network, name, event.at)
        let_in = self._let_in.of(network, event.at)
        if len(failed) < self._names or len(failed) < self._ratio * len(let_in):
            return None
        return Finding(
            severity="alarm",
            key=network,
            evidence=evidence(
                network=network,
                names_failed=len(failed),
                names_let_in=len(let_in),
                within=f"{event.at - min(failed.values()):.0f} s",
                client=label_of(event),
            ),
        )
