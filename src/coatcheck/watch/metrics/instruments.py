"""The table of instruments: every figure there is, what it means, and which values its label may take.

A label takes no other values than those named here; whatever else comes counts as `other`. So no id, address
or text of anybody ever becomes a label, and the number of series is known.
"""

from functools import partial
from typing import Any, Literal, get_args

import msgspec

from coatcheck.core.events.wire import EVENTS
from coatcheck.core.reason import Reason
from coatcheck.stores.near.measures import LIMITS

OTHER = "other"
READS = ("load", "user", "row", "count_alive")
WRITES = ("create", "save", "touch", "end", "delete", "bump", "sweep", "put_row", "delete_row", "append")
VERBS = (*READS, *WRITES)
FEED = "feed"
CROSS_ORIGIN = "cross_origin"
REASONS = tuple(reason.value for reason in Reason)
SIGN_INS = ("succeeded", "throttled", "wrong_password", "unknown_user", "user_disabled", "account_changed")
RULES = (
    "browser_change",
    "brute_force",
    "credential_stuffing",
    "impossible_travel",
    "network_change",
    "password_spraying",
    "rate_shift",
    "session_burst",
    "token_reuse",
    "unknown_tokens",
)
SINKS = ("audit", "audit anchor", "audit retention", "notices", "anomalies")

QUICK = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
MANY = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)

_SUFFIXES = {"s": "_seconds", "By": "_bytes", "": ""}

Kind = Literal["counter", "gauge", "histogram"]
Unit = Literal["s", "By", ""]


class Instrument(msgspec.Struct, frozen=True):
    """One figure.

    Attributes:
        name: With dots, as OpenTelemetry writes it.
        kind: A counter only grows, a gauge is set anew, a histogram counts values by size.
        help: What it means.
        label: What tells its series apart, if it has more than one.
        values: What the label may say.
        unit: `s` for seconds, `By` for bytes; empty for a plain number.
        limits: Upper limits of a histogram's buckets.
        adds_up: Whether the workers' values of a gauge add up; else they all speak of one thing.
    """

    name: str
    kind: Kind
    help: str
    label: str = ""
    values: tuple[str, ...] = ()
    unit: Unit = ""
    limits: tuple[float, ...] = ()
    adds_up: bool = False

    @property
    def series(self) -> tuple[str, ...]:
        """The values that its label really takes; one empty text where it has none."""
        return (*self.values, OTHER) if self.label else ("",)

    @property
    def prometheus_name(self) -> str:
        """The name in Prometheus, where counters get `_total` beside."""
        return self.name.replace(".", "_") + _SUFFIXES[self.unit]


def _of(kind: Kind, name: str, help: str, **facts: Any) -> Instrument:
    return Instrument(f"coatcheck.{name}", kind, help, **facts)


_counter, _gauge, _histogram = (partial(_of, kind) for kind in get_args(Kind))

# People and their sessions.
CREATED = _counter("sessions.created", "Sessions that began", label="kind", values=("user", "visitor"))
ENDED = _counter(
    "sessions.ended", "Sessions that somebody or something ended", label="reason", values=REASONS
)
REFUSED = _counter("sessions.refused", "Holders of a real token turned away", label="reason", values=REASONS)
LIVE = _gauge("sessions.live", "Sessions that have neither ended nor expired")
SIGN_IN = _counter("sign_ins", "Passwords tried", label="outcome", values=SIGN_INS)
DENIED = _counter(
    "requests.denied",
    "Requests that a route rule or the check of their sender turned away",
    label="reason",
    values=(*REASONS, CROSS_ORIGIN),
)

# Tokens.
ROTATED = _counter(
    "tokens.rotated", "Tokens whose successor took over", label="kind", values=("cookie", "grant")
)
REUSED = _counter("tokens.reused", "Retired tokens that came back: stolen, or replayed")
STRANGE = _counter(
    "tokens.strange",
    "Tokens that nobody handed out, and cookies that hold none",
    label="kind",
    values=("unknown", "malformed", "duplicate"),
)

# The store, and what this process remembers of it.
STORE_TIME = _histogram(
    "store.duration", "How long the store took", label="verb", values=VERBS, unit="s", limits=QUICK
)
STORE_FAILED = _counter(
    "store.failures", "Times that the store could not be used", label="verb", values=(*VERBS, FEED)
)
TOUCHES = _histogram("touch.batch", "Activity stamps written in one round trip", limits=MANY)
LOOKS = _counter("near.looks", "Looks into what a worker remembers", label="result", values=("hit", "miss"))
LAPSES = _counter("near.lapses", "Times that all was forgotten, since changes could have been missed")
REMEMBERED = _gauge("near.records", "Records that the workers remember", adds_up=True)
MEMORY = _gauge("near.size", "Memory that these take, estimated", unit="By", adds_up=True)
REVOCATION = _histogram(
    "revocation.delay",
    "Until workers forgot what had changed, and until open connections heard that their session had ended",
    label="reached",
    values=("cache", "stream"),
    unit="s",
    limits=LIMITS,
)

# Open connections, the sweeper, and those who watch.
STREAMS = _gauge("streams.open", "Streams and sockets that watch their session", adds_up=True)
LAG = _gauge("sweeper.lag", "Time since a sweep last came to its end, in whichever worker", unit="s")
SWEPT = _counter("sweeper.deleted", "Rows deleted, since they had been over for their retention")
FOUND = _counter(
    "anomalies.found", "What the rules of the anomaly detection found", label="rule", values=RULES
)
LOST = _counter("sinks.lost", "Events that a sink lost", label="sink", values=SINKS)
HAPPENED = _counter("events", "Events of each kind", label="event", values=tuple(sorted(EVENTS)))

INSTRUMENTS = tuple(made for made in vars().values() if isinstance(made, Instrument))
"""All of them, in the order of this file."""
