"""Events as requests would cause them, at a moment and from an address that the test chooses."""

import random
from collections.abc import Iterable
from typing import Any

from coatcheck.core.device import Device, describe
from coatcheck.core.events import (
    Event,
    LoginFailed,
    LoginSucceeded,
    SessionCreated,
    SessionRotated,
    TokenUnknown,
)
from coatcheck.watch.anomaly import Finding, Rule

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
UPDATED = FIREFOX.replace("140", "141")
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
HOME, OFFICE = "192.0.2.7", "198.51.100.9"


def dice_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - plays people, and must play them again


def happened(kind: type[Event], at: float, ip: str = HOME, agent: str = FIREFOX, **facts: Any) -> Event:
    return kind(at=at, device=describe(ip, agent), **facts)


def failed(at: float, name: str, ip: str = HOME, **facts: Any) -> Event:
    return happened(LoginFailed, at, ip, cause="unknown_user", tried=name, **facts)


def signed_in(at: float, user: str, ip: str = HOME) -> Event:
    return happened(LoginSucceeded, at, ip, user_id=user, amr=("pwd",))


def began(at: float, user: str | None, id: str = "s", ip: str = HOME) -> Event:
    return happened(SessionCreated, at, ip, user_id=user, session_id=id)


def rotated(at: float, was: tuple[str, str], now: tuple[str, str], id: str = "s", user: str = "ada") -> Event:
    before = describe(*was) if was != now else None
    return happened(SessionRotated, at, *now, session_id=id, user_id=user, generation=2, begun_on=before)


NAMELESS = (
    SessionRotated(at=0.0, generation=2, begun_on=describe(HOME, FIREFOX)),
    SessionRotated(at=0.0, generation=2, begun_on=describe(HOME, FIREFOX), device=Device(), session_id="s"),
)
"""Rotations by clients of which nobody knows anything."""


def unknown(at: float, ip: str = HOME, count: int = 1) -> Event:
    return happened(TokenUnknown, at, ip, count=count)


def found(rule: Rule, events: Iterable[Event]) -> list[Finding]:
    """Show events to a rule; return all it says, repetitions too."""
    return [finding for event in events if (finding := rule.see(event)) is not None]


def facts(finding: Finding) -> dict[str, str]:
    return dict(finding.evidence)
