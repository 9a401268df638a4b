"""Tokens that nobody handed out, many of them from one network: somebody guesses, or fills the log."""

from typing import ClassVar

from coatcheck.core.events import Event, TokenUnknown
from coatcheck.core.events.watching import Response
from coatcheck.watch.anomaly.attempts import label_of, network_of
from coatcheck.watch.anomaly.finding import Finding, evidence
from coatcheck.watch.anomaly.memory import Memory


class UnknownTokenFlood:
    """One network presents many tokens that nobody handed out: more than its bucket holds, which leaks.

    Args:
        tokens: More than so many at once are too many.
        window: Seconds in which a full bucket runs empty; so `tokens` in each window are just not.
    """

    name: ClassVar[str] = "unknown_tokens"
    kinds: ClassVar[tuple[type[Event], ...]] = (TokenUnknown,)
    response: ClassVar[Response] = "log"
    quiet: ClassVar[float] = 600.0
    shared: ClassVar[bool] = True

    def __init__(self, tokens: int = 200, window: float = 60.0) -> None:
        self._tokens = tokens
        self._window = window
        self._buckets: Memory[tuple[float, float]] = Memory()

    def see(self, event: Event) -> Finding | None:
        """Count it; say so where the bucket overflows."""
        network = network_of(event)
        if not isinstance(event, TokenUnknown) or not network:
            return None
        level, since = self._buckets.get(network) or (0.0, event.at)
        leaked = max(0.0, event.at - since) * self._tokens / self._window
        level = max(0.0, level - leaked) + event.count
        self._buckets.put(network, (min(level, 2.0 * self._tokens), max(event.at, since)))
        if level <= self._tokens:
            return None
        return Finding(
            severity="warning",
            key=network,
            evidence=evidence(
                network=network,
                limit=f"{self._tokens} at once, then {self._tokens / self._window:.3g} a second",
                client=label_of(event),
            ),
        )
