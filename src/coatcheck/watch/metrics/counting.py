"""What each event counts for."""

from collections.abc import Callable, Mapping
from typing import Any

from coatcheck.core import events
from coatcheck.core.events import Event
from coatcheck.watch.metrics.instruments import (
    CREATED,
    CROSS_ORIGIN,
    DENIED,
    ENDED,
    FEED,
    FOUND,
    LOST,
    REFUSED,
    REUSED,
    REVOCATION,
    ROTATED,
    SIGN_IN,
    STORE_FAILED,
    STRANGE,
    SWEPT,
    Instrument,
)

Count = tuple[Instrument, float, str]
"""An instrument, what it counts, and its label."""

COUNTED: Mapping[type[Event], Callable[[Any], Count]] = {
    events.SessionCreated: lambda event: (CREATED, 1, "user" if event.user_id else "visitor"),
    events.SessionOver: lambda event: (ENDED, 1, event.reason),
    events.SessionRefused: lambda event: (REFUSED, 1, event.reason),
    events.AccessDenied: lambda event: (DENIED, 1, event.reason),
    events.CrossOriginRefused: lambda event: (DENIED, event.count, CROSS_ORIGIN),
    events.LoginSucceeded: lambda _: (SIGN_IN, 1, "succeeded"),
    events.LoginFailed: lambda event: (SIGN_IN, 1, event.cause),
    events.LoginThrottled: lambda _: (SIGN_IN, 1, "throttled"),
    events.SessionRotated: lambda _: (ROTATED, 1, "cookie"),
    events.GrantRotated: lambda _: (ROTATED, 1, "grant"),
    events.TokenReused: lambda _: (REUSED, 1, ""),
    events.TokenUnknown: lambda event: (STRANGE, event.count, "unknown"),
    events.TokenMalformed: lambda event: (STRANGE, event.count, "malformed"),
    events.CookieDuplicate: lambda event: (STRANGE, event.count, "duplicate"),
    events.SweepFinished: lambda event: (SWEPT, event.deleted, ""),
    events.AnomalyFound: lambda event: (FOUND, 1, event.rule),
    events.SinkFailed: lambda event: (LOST, event.lost, event.sink),
    events.StreamClosed: lambda event: (REVOCATION, event.delay, "stream"),
    # What the verbs could not do is counted where it happens; the feed is none of them.
    events.StoreFailed: lambda event: (STORE_FAILED, 1 if event.verb == FEED else 0, FEED),
}
"""Beside `HAPPENED`, which counts them all."""
