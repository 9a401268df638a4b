"""The manager: the only code that acts on sessions. It awaits the store and tells observers."""

from coatcheck.manager.context import CookieChange
from coatcheck.manager.manager import SessionManager

__all__ = ["CookieChange", "SessionManager"]
