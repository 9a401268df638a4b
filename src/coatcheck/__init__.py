"""Session management for Python web applications.

The browser holds an opaque ticket; the server holds the session.
"""

from coatcheck.core.errors import CoatcheckError, ConfigurationError, SessionEnded, StoreUnavailable
from coatcheck.core.events import Event, Observer
from coatcheck.core.identity import Identity
from coatcheck.core.lifetimes import Lifetimes, Rotation, Span
from coatcheck.core.reason import Reason
from coatcheck.core.session import Session
from coatcheck.core.store import Cap, Store
from coatcheck.manager import CookieChange, SessionManager

__all__ = [
    "Cap",
    "CoatcheckError",
    "ConfigurationError",
    "CookieChange",
    "Event",
    "Identity",
    "Lifetimes",
    "Observer",
    "Reason",
    "Rotation",
    "Session",
    "SessionEnded",
    "SessionManager",
    "Span",
    "Store",
    "StoreUnavailable",
]
