"""How the parts behind the sessions fare: asked when the page is opened."""

from dataclasses import dataclass
from typing import Any

from coatcheck.core.clock import Clock, SystemClock
from coatcheck.core.errors import CoatcheckError
from coatcheck.core.ledger import Ledger
from coatcheck.core.overview import Overview
from coatcheck.core.store import Cached, Doorbell, EngineClock, Feed, Rows, Scan
from coatcheck.manager import SessionManager
from coatcheck.manager.sweeper import last_sweep
from coatcheck.stores import NearStore
from coatcheck.stores.near.measures import Measures

SKILLS = (Rows, Scan, Overview, Ledger, Feed, Doorbell, Cached, EngineClock)
SLOW = 0.25  # seconds that a read may take before it counts as slow
NOBODY = "0" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What was found.

    Attributes:
        engine: The name of the store's class; of the one behind the near-cache, where there is one.
        read_seconds: How long a read took; None if it failed.
        fault: Why it failed.
        skew: Seconds by which this clock is behind the engine's; None where it has none.
        skills: Names of the skills, and whether the store has them.
        near: How the near-cache fares in this worker, where there is one.
        swept_at: When a sweep was last done, in seconds since the epoch; None if that is not known.
    """

    engine: str
    read_seconds: float | None
    fault: str
    skew: float | None
    skills: list[tuple[str, bool]]
    near: Measures | None
    swept_at: float | None

    @property
    def verdict(self) -> str:
        """`good`, `slow` or `down`."""
        if self.read_seconds is None:
            return "down"
        return "slow" if self.read_seconds > SLOW else "good"


async def examine(manager: SessionManager[Any], clock: Clock | None = None) -> Health:
    """Return how the store fares; never raises for what it finds."""
    clock = clock or SystemClock()
    store = manager.store
    inner = store.inner if isinstance(store, NearStore) else store
    seconds, skew, swept_at, fault = None, None, None, ""
    try:
        began = clock.now()
        await inner.load(NOBODY)
        seconds = clock.now() - began
        if isinstance(inner, EngineClock):
            skew = await inner.engine_now() - clock.now()
        swept_at = await last_sweep(manager)
    except CoatcheckError as error:
        fault = str(error)
    return Health(
        engine=type(inner).__name__,
        read_seconds=seconds,
        fault=fault,
        skew=skew,
        skills=[
            (skill.__name__, any(isinstance(each, skill) for each in (store, inner))) for skill in SKILLS
        ],
        near=store.measure() if isinstance(store, NearStore) else None,
        swept_at=swept_at,
    )
