"""Events of machines: what a store or a clock did wrong, and what the sweeper took away."""

from dataclasses import dataclass
from typing import ClassVar

from coatcheck.core.events.event import Event


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordCorrupt(Event):
    """A stored row could not be read; it counted as no session."""

    name: ClassVar[str] = "record.corrupt"
    owasp: ClassVar[str] = "sys_monitor_disabled"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreRolledBack(Event):
    """A client holds a token newer than the store knows: an acknowledged write was lost."""

    name: ClassVar[str] = "store.rolled_back"
    owasp: ClassVar[str] = "sys_crash"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreFailed(Event):
    """The store could not do what its `verb` says: `save`, `end` or `sweep`; or its feed was cut: `feed`."""

    name: ClassVar[str] = "store.failed"
    owasp: ClassVar[str] = "sys_crash"

    verb: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockSkewed(Event):
    """This worker's clock differs from the store engine's by more than the tolerance."""

    name: ClassVar[str] = "clock.skewed"
    owasp: ClassVar[str] = "sys_monitor_disabled"

    offset: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepFinished(Event):
    """What was over for longer than its retention is gone for good: `deleted` rows."""

    name: ClassVar[str] = "sweep.finished"
    owasp: ClassVar[str] = "sensitive_delete"

    deleted: int
