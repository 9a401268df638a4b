"""Events of those who watch: what they noticed, and what they could not keep."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from coatcheck.core.events.event import Event

Severity = Literal["notice", "warning", "alarm"]
Response = Literal["log", "notify", "reauthenticate", "revoke"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnomalyFound(Event):
    """A rule noticed something; `evidence` says what it saw, as names with texts."""

    name: ClassVar[str] = "anomaly.found"
    owasp: ClassVar[str] = "sequence_fail"

    rule: str
    severity: Severity
    response: Response
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SinkFailed(Event):
    """A sink of events failed; `lost` of them are not in it and never will be."""

    name: ClassVar[str] = "sink.failed"
    owasp: ClassVar[str] = "sys_monitor_disabled"

    sink: str
    lost: int = 0
