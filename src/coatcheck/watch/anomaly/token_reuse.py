"""A retired token came back: stolen, or replayed from a jar that was put back."""

from typing import ClassVar

from coatcheck.core.events import Event, TokenReused
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.attempts import label_of, network_of
from coatcheck.watch.anomaly.finding import Finding, evidence


class TokenReuse:
    """A retired token came back. Its session has ended by itself; who may have been robbed should hear of it.

    A token one step back is a warning and no alarm: a browser profile restored from a backup shows it too.
    """

    name: ClassVar[str] = "token_reuse"
    kinds: ClassVar[tuple[type[Event], ...]] = (TokenReused,)
    response: ClassVar[Response] = "notify"
    quiet: ClassVar[float] = 60.0
    shared: ClassVar[bool] = False

    def see(self, event: Event) -> Finding | None:
        """Say that it came, and how far back it is."""
        if not isinstance(event, TokenReused):
            return None
        against = event.evidence
        return Finding(
            severity="warning" if against.one_step_back else "alarm",
            key=event.session_id or "",
            evidence=evidence(
                presented_generation=against.presented,
                current_generation=against.current,
                retired_for=f"{against.age:.0f} s",
                network=network_of(event) or None,
                client=label_of(event),
            ),
            session_id=event.session_id,
            user_id=event.user_id,
        )
