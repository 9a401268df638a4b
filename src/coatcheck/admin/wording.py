"""How pages say moments, durations and numbers."""

from datetime import UTC, datetime

from markupsafe import Markup

from coatcheck.core.identity import Identity
from coatcheck.core.lifetimes import DAY, HOUR, MINUTE

MILLISECOND = 0.001
EXACT_BELOW = 10 * MINUTE  # seconds: a minute says too little about a time that is this short


def moment(at: float, scale: float = HOUR) -> Markup:
    """Show a moment given in seconds since the epoch; to the second where times are on a small `scale`."""
    when = datetime.fromtimestamp(at, UTC)
    clock = f"{when:%H:%M:%S}" if scale < EXACT_BELOW else f"{when:%H:%M}"
    shown = f"{when.day} {when:%b}, {clock} UTC"
    return Markup('<time datetime="{}">{}</time>').format(when.isoformat(timespec="seconds"), shown)


def span(seconds: float) -> str:
    """Show a duration given in seconds, in the units a person would choose."""
    if seconds >= 2 * DAY:
        return f"{seconds // DAY:.0f} days"
    if seconds >= 2 * HOUR:
        minutes = seconds % HOUR // MINUTE
        return f"{seconds // HOUR:.0f} h {minutes:.0f} min" if minutes else f"{seconds // HOUR:.0f} hours"
    if seconds >= 2 * MINUTE:
        return f"{seconds // MINUTE:.0f} minutes"
    shown = f"{max(seconds, 0.0):.0f}"
    return f"{shown} second" if shown == "1" else f"{shown} seconds"


def grouped(number: float | None) -> str:
    """Show a whole number with its thousands apart; a dash where it is not known."""
    return "\N{EN DASH}" if number is None else f"{number:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def brief(seconds: float) -> str:
    """Show how long something took."""
    if seconds < MILLISECOND:
        return f"{seconds * 1_000_000:.0f} µs"
    return f"{seconds * 1_000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def known_as(identity: Identity | None) -> str:
    """Show who somebody is: by name, by address, by id."""
    return identity.name or identity.email or identity.user_id if identity else "Visitor"


def plural(number: int, one: str, many: str = "") -> str:
    """Show a number with what is counted: `plural(2, "session")`."""
    return f"{grouped(number)} {one if number == 1 else many or one + 's'}"
