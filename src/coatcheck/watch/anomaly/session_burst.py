"""Many new sessions of one user within minutes: a script has the password, or a token is being farmed."""

from typing import ClassVar

from coatcheck.core.events import Event, SessionCreated
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.attempts import label_of, network_of
from coatcheck.watch.anomaly.finding import Finding, evidence
from coatcheck.watch.anomaly.memory import Window

REMEMBERED = 4  # times the limit: sessions of one user that are told apart


class SessionBurst:
    """One user began many sessions within minutes.

    Args:
        sessions: So many.
        window: Seconds for which a new session counts.
    """

    name: ClassVar[str] = "session_burst"
    kinds: ClassVar[tuple[type[Event], ...]] = (SessionCreated,)
    response: ClassVar[Response] = "notify"
    quiet: ClassVar[float] = 3600.0
    shared: ClassVar[bool] = True

    def __init__(self, sessions: int = 6, window: float = 600.0) -> None:
        self._sessions = sessions
        self._begun = Window(window, REMEMBERED * sessions)

    def see(self, event: Event) -> Finding | None:
        """Note a session that somebody signed in to."""
        if event.user_id is None or event.session_id is None:
            return None
        begun = self._begun.add(event.user_id, event.session_id, event.at)
        if len(begun) < self._sessions:
            return None
        return Finding(
            severity="warning",
            key=event.user_id,
            evidence=evidence(
                sessions=len(begun),
                within=f"{event.at - min(begun.values()):.0f} s",
                network=network_of(event) or None,
                client=label_of(event),
            ),
            user_id=event.user_id,
        )
