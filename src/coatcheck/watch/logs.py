"""Events in a log: for the standard library's logging, and for structlog.

An event becomes one record with fields, never a line put together from what a client sent (ASVS 16.4.1).
"""

import logging
from typing import Any, Protocol

from coatcheck.core.events import Event
from coatcheck.core.events.wire import describe

# As OWASP's Logging Vocabulary grades its names; what it does not name is information.
LEVELS = {
    "authn_login_fail": logging.WARNING,
    "authn_token_reuse": logging.CRITICAL,
    "authz_admin": logging.WARNING,
    "authz_fail": logging.CRITICAL,
    "excess_rate_limit_exceeded": logging.WARNING,
    "excess_sessions_exceeded": logging.WARNING,
    "input_validation_fail": logging.WARNING,
    "malicious_csrf": logging.CRITICAL,
    "privilege_permissions_changed": logging.WARNING,
    "sequence_fail": logging.WARNING,
    "session_use_after_expire": logging.WARNING,
    "sys_crash": logging.WARNING,
    "sys_monitor_disabled": logging.WARNING,
    "user_created": logging.WARNING,
    "user_updated": logging.WARNING,
}


def level(event: Event) -> int:
    """Return the level of an event, as `logging` counts them."""
    return LEVELS.get(event.owasp, logging.INFO)


class LogObserver:
    """Hands events to the standard library's logging.

    The message is the event's name with its fields; the field `event` of the record holds them as a mapping,
    for a formatter that writes JSON.

    Args:
        logger: Where they go; `coatcheck.events` by default.
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger("coatcheck.events")

    def observe(self, event: Event) -> None:
        """Log one event."""
        grade = level(event)
        if self._logger.isEnabledFor(grade):
            said = describe(event)
            facts = " ".join(
                f"{name}={value!r}" for name, value in said.items() if name not in _IN_THE_RECORD
            )
            self._logger.log(grade, "%s %s", event.name, facts, extra={"event": said})


_IN_THE_RECORD = {"event", "owasp", "time", "at"}  # a record has a name and a time of its own


class BoundLogger(Protocol):
    """What structlog's loggers can do."""

    def log(self, level: int, event: str, **facts: Any) -> Any:
        """Log an event with its facts."""
        ...  # pragma: no cover


class StructlogObserver:
    """Hands events to structlog: the event's name, and its fields as facts.

    Args:
        logger: `structlog.get_logger()`, bound to whatever the app binds.
    """

    def __init__(self, logger: BoundLogger) -> None:
        self._logger = logger

    def observe(self, event: Event) -> None:
        """Log one event; `time` stays out, since structlog stamps its own."""
        facts = {name: value for name, value in describe(event).items() if name not in {"event", "time"}}
        self._logger.log(level(event), event.name, **facts)
