"""What the demo is told, checked before anything starts."""

from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.lifetimes import DAY, LONGEST_IDLE, Lifetimes, Rotation
from coatcheck.stores import is_sql

USUAL = Lifetimes()
MOST_WORKERS = 64
DEFAULT_DATABASE = "sqlite:///coatcheck.db"
DEFAULT_ACCOUNTS = "coatcheck-accounts.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Lifetimes short enough to watch. Every value is in seconds.

    Attributes:
        idle: Idle timeout.
        absolute: Absolute timeout.
        rotate: Rotation period of the token.
        overlap: How long the previous token stays good.
        tolerance: Clock tolerance.
    """

    idle: float = USUAL.idle
    absolute: float = USUAL.absolute
    rotate: float = USUAL.rotation.period
    overlap: float = USUAL.rotation.overlap
    tolerance: float = USUAL.rotation.tolerance

    def lifetimes(self) -> Lifetimes:
        """Return the lifetimes; warning and touch interval shrink with a short idle timeout.

        Raises:
            ConfigurationError: The values contradict each other.
        """
        self._check()
        return Lifetimes(
            idle=self.idle,
            absolute=self.absolute,
            rotation=Rotation(period=self.rotate, overlap=self.overlap, tolerance=self.tolerance),
            touch_interval=min(USUAL.touch_interval, self.idle / 10),
            warning=min(USUAL.warning, self.idle / 3),
            demo=True,
        )

    def _check(self) -> None:
        """Refuse what `Lifetimes` would refuse with advice for Python: here it is for a shell."""
        for name in ("idle", "absolute", "rotate", "overlap", "tolerance"):
            value, may_be_none = getattr(self, name), name in ("overlap", "tolerance")
            if not isfinite(value) or value < 0 or (value == 0 and not may_be_none):
                raise ConfigurationError(
                    f"{name}={value:g} is not a time that can pass",
                    remedy=f"Give seconds, such as --{name} {getattr(TYPICAL, name):g}",
                )
        if self.idle > LONGEST_IDLE or self.absolute > DAY:
            raise ConfigurationError(
                "these lifetimes are looser than NIST SP 800-63B-4 recommends",
                remedy=f"Give at most --idle {LONGEST_IDLE:g} and --absolute {DAY:g}",
            )


TYPICAL = Timing(idle=60, rotate=40)
"""What somebody types who wants to watch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where the server listens.

    Attributes:
        host: Address to listen on.
        port: Port; 0 takes a free one.
        workers: Number of server processes.
        certfile: TLS certificate chain, in PEM.
        keyfile: Its private key, in PEM.
        trusted_proxies: Addresses whose X-Forwarded headers are believed, comma-separated; nobody's if empty.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    certfile: str | None = None
    keyfile: str | None = None
    trusted_proxies: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:  # noqa: PLR2004 - the largest port there is
            raise ConfigurationError(
                f"there is no port {self.port}", remedy="Choose one from 1 to 65535, or 0"
            )
        if not 1 <= self.workers <= MOST_WORKERS:
            raise ConfigurationError(
                f"cannot start {self.workers} workers", remedy=f"Choose a number from 1 to {MOST_WORKERS}"
            )
        if (self.certfile is None) != (self.keyfile is None):
            raise ConfigurationError("TLS needs both certfile and keyfile", remedy="Give both, or neither")
        for path in (self.certfile, self.keyfile):
            if path is not None and not Path(path).is_file():
                raise ConfigurationError(f"there is no file {path}", remedy="Name the PEM file's path")

    @property
    def tls(self) -> bool:
        """Whether the server itself speaks TLS."""
        return self.certfile is not None

    @property
    def plain(self) -> bool:
        """Whether requests come over plain http: then only this very machine gets a cookie."""
        return not self.tls and not self.trusted_proxies


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """Everything `coatcheck demo` can be told.

    Attributes:
        database: URL of the store.
        moving_from: URL of the store that the sessions are moving from.
        accounts: SQLite file of the accounts where the database does not speak SQL itself.
        json: Print the start-up message as one JSON object.
        near: Remember sessions in each worker.
        timing: The lifetimes.
        listening: Where the server listens.
    """

    database: str = DEFAULT_DATABASE
    moving_from: str | None = None
    accounts: str = DEFAULT_ACCOUNTS
    json: bool = False
    near: bool = True
    timing: Timing = field(default_factory=Timing)
    listening: Listening = field(default_factory=Listening)

    def __post_init__(self) -> None:
        if self.database.startswith("memory:") and self.listening.workers > 1:
            raise ConfigurationError(
                "memory:// lives in one process",
                remedy="Use one worker, or a database that processes can share",
            )

    @property
    def accounts_url(self) -> str:
        """Where the accounts live: in the database itself where it speaks SQL. They do not move."""
        home = self.moving_from or self.database
        return home if is_sql(home) else f"sqlite:///{self.accounts}"
