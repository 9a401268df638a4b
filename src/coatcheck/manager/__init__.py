"""The manager: the only code that acts on sessions. It awaits the store and tells observers."""

from coatcheck.core.lifetimes import RETENTION
from coatcheck.core.plan import CookieChange
from coatcheck.manager.everyone import Everyone
from coatcheck.manager.granting import Granted
from coatcheck.manager.manager import SessionManager
from coatcheck.manager.sweeper import Sweeper, SweepPolicy
from coatcheck.manager.watching import Watch

__all__ = [
    "RETENTION",
    "CookieChange",
    "Everyone",
    "Granted",
    "SessionManager",
    "SweepPolicy",
    "Sweeper",
    "Watch",
]
