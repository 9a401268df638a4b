"""How long a session may live, and the arithmetic of its deadlines. Every number is in seconds."""

from dataclasses import dataclass, field

from coatcheck.core.errors import ConfigurationError

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR

RETENTION = 7 * DAY  # what is over stays, to say why it ended, unless somebody says otherwise
MAX_COOKIE_AGE = 400 * DAY  # RFC 6265bis 5.5: browsers cap it there
MIN_WARNING = 20.0  # WCAG 2.2.1: at least 20 s to ask for more time
LONGEST_ABSOLUTE = 30 * DAY  # NIST SP 800-63B-4, AAL1: overall timeout at most 30 days
LONGEST_IDLE = HOUR  # NIST SP 800-63B-4, AAL2: inactivity timeout at most 1 hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The two timeouts of one kind of session.

    Attributes:
        idle: Seconds after the last activity.
        absolute: Seconds after the authentication; activity never moves it.
    """

    idle: float
    absolute: float

    def __post_init__(self) -> None:
        for name in ("idle", "absolute"):
            _require_seconds(name, getattr(self, name))
        if self.idle > self.absolute:
            raise ConfigurationError(
                f"idle={self.idle:g} is longer than absolute={self.absolute:g}",
                remedy="The absolute timeout caps the idle one: raise absolute or lower idle",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """When a token is replaced, and how long its predecessor stays good.

    Attributes:
        period: Seconds after a commit until the next token is offered.
        overlap: Seconds after a commit during which the previous token is still admitted, for
            requests that were already on their way.
        tolerance: Clock tolerance: seconds added wherever two stamps are compared.
    """

    period: float = 15 * MINUTE
    overlap: float = 10.0
    tolerance: float = 5.0

    def __post_init__(self) -> None:
        _require_seconds("rotate", self.period)
        for name in ("overlap", "tolerance"):
            _require_seconds(name, getattr(self, name), least=0.0)
        if self.period <= 2 * self.grace:
            raise ConfigurationError(
                f"rotate={self.period:g} is not longer than twice overlap + tolerance ({2 * self.grace:g})",
                remedy="Rotate less often, or shorten the overlap or the clock tolerance",
            )

    @property
    def grace(self) -> float:
        """Seconds a retired token is admitted: overlap plus clock tolerance."""
        return self.overlap + self.tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """The lifetimes of every session. None of them can be switched off (ASVS 7.3.1, 7.3.2).

    Attributes:
        idle: Seconds after the last activity until the session ends. OWASP: 15 to 30 minutes.
        absolute: Seconds after authentication until it ends whatever happens.
        remembered: The same two for a session with remember-me.
        rotation: When the token is replaced.
        touch_interval: Seconds between two stored activity stamps; at most a tenth of `idle`.
        warning: Seconds before the idle deadline at which the browser warns (WCAG 2.2.1).
        justification: Why values looser than NIST SP 800-63B-4 are right here (ASVS 7.1.1).
        demo: Accept warnings too short to read, so that a person can watch a timeout.
    """

    idle: float = 30 * MINUTE
    absolute: float = 12 * HOUR
    remembered: Span = field(default_factory=lambda: Span(idle=14 * DAY, absolute=30 * DAY))
    rotation: Rotation = field(default_factory=Rotation)
    touch_interval: float = MINUTE
    warning: float = 2 * MINUTE
    justification: str = ""
    demo: bool = False

    def __post_init__(self) -> None:
        span = Span(idle=self.idle, absolute=self.absolute)
        _require_seconds("touch_interval", self.touch_interval)
        _require_seconds("warning", self.warning)
        for shortest in (span.idle, self.remembered.idle):
            self._require_room_to_warn(shortest)
        self._require_justification(span)

    def span(self, *, remember: bool) -> Span:
        """Return the timeouts of a session with or without remember-me."""
        return self.remembered if remember else Span(idle=self.idle, absolute=self.absolute)

    def describe(self) -> dict[str, float]:
        """Return every lifetime by name, in seconds: what the documentation table shows."""
        return {
            "idle": self.idle,
            "absolute": self.absolute,
            "remembered.idle": self.remembered.idle,
            "remembered.absolute": self.remembered.absolute,
            "rotation.period": self.rotation.period,
            "rotation.overlap": self.rotation.overlap,
            "rotation.tolerance": self.rotation.tolerance,
            "touch_interval": self.touch_interval,
            "warning": self.warning,
        }

    def _require_room_to_warn(self, idle: float) -> None:
        if self.touch_interval > idle / 10:
            raise ConfigurationError(
                f"touch_interval={self.touch_interval:g} is more than a tenth of idle={idle:g}",
                remedy="Touch more often, or lengthen the idle timeout",
            )
        if self.demo:
            return
        if self.warning < MIN_WARNING:
            raise ConfigurationError(
                f"warning={self.warning:g} leaves nobody the time to answer",
                remedy=f"WCAG 2.2.1 asks for at least {MIN_WARNING:g} seconds",
            )
        if idle < self.warning + MIN_WARNING:
            raise ConfigurationError(
                f"idle={idle:g} leaves less than {MIN_WARNING:g} s before a warning of {self.warning:g}",
                remedy="Lengthen the idle timeout or shorten the warning",
            )

    def _require_justification(self, span: Span) -> None:
        loose = span.idle > LONGEST_IDLE or span.absolute > DAY or self.remembered.absolute > LONGEST_ABSOLUTE
        if loose and not self.justification.strip():
            raise ConfigurationError(
                "these lifetimes are looser than NIST SP 800-63B-4 recommends",
                remedy="Say why with justification=..., or use idle <= 1 hour, absolute <= 24 hours, "
                "remembered.absolute <= 30 days",
            )


def expires_at(last_seen_at: float, idle: float, absolute_at: float) -> float:
    """Return the deadline of a session: idle after its last activity, never past the absolute one."""
    idle_at = last_seen_at + idle
    if idle_at < absolute_at:  # min() takes five times as long, and every request asks
        return idle_at
    return absolute_at


def age(since: float, now: float) -> float:
    """Return the seconds between two stamps; a negative age counts as 0."""
    return max(0.0, now - since)


def _require_seconds(name: str, value: object, least: float | None = None) -> None:
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not (value > 0 if least is None else value >= least)
        or value == float("inf")
    ):
        raise ConfigurationError(
            f"{name}={value!r} is not a number of seconds",
            remedy=f"Give {name} in seconds, e.g. timedelta(minutes=30).total_seconds()",
        )
