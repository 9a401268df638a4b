"""Moments as people write them: a date, a time, or how long ago."""

import re
from datetime import UTC, datetime

from coatcheck.core.errors import ConfigurationError

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AGO = re.compile(r"(\d+)([smhd])")


def moment(text: str | None, now: float) -> float | None:
    """Return a moment in seconds since the epoch: of `2026-11-25`, `2026-11-25T19:00`, or `2h` before `now`.

    What names no zone is in UTC.

    Raises:
        ConfigurationError: It is none.
    """
    if text is None:
        return None
    if ago := _AGO.fullmatch(text):
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{text!r} is no moment", remedy="Write 2026-11-25, 2026-11-25T19:00 (UTC), or 2h, 30m, 7d ago"
        ) from error
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
