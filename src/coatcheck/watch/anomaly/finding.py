"""What a rule is, and what it says when something is wrong."""

from typing import ClassVar, Protocol

import msgspec

from coatcheck.core.events import Event
from coatcheck.core.events.watching import Response, Severity

MAX_TEXT = 256  # of one piece of evidence (ASVS 16.4.1)

Evidence = tuple[tuple[str, str], ...]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something is wrong.

    Attributes:
        severity: `notice`, `warning` or `alarm`.
        key: What it is about: told once, then not again while the rule keeps quiet.
        evidence: What was seen, as names with texts.
        session_id: The session to act upon, if it is about one.
        user_id: The user to act upon, if it is about one.
    """

    severity: Severity
    key: str
    evidence: Evidence
    session_id: str | None = None
    user_id: str | None = None


class Rule(Protocol):
    """A state machine over events. It waits for nothing, reads no clock, and its memory is bounded.

    Attributes:
        name: Stable, for policies and dashboards.
        kinds: The events it looks at.
        response: What is done about its findings unless the app says otherwise.
        quiet: Seconds for which it says nothing more about the same key.
        shared: It needs what all workers see, and not what one does.
    """

    name: ClassVar[str]
    kinds: ClassVar[tuple[type[Event], ...]]
    response: ClassVar[Response]
    quiet: ClassVar[float]
    shared: ClassVar[bool]

    def see(self, event: Event) -> Finding | None:
        """Look at one event of its kinds, and say what it makes of everything seen so far."""
        ...  # pragma: no cover


def evidence(**facts: object) -> Evidence:
    """Return facts as evidence: names with bounded texts, what is not known left out."""
    return tuple((name, str(fact)[:MAX_TEXT]) for name, fact in facts.items() if fact is not None)
