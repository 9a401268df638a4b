"""The web room: a session for every ASGI request, and nothing let through that no rule lets through."""

from coatcheck.web.api import HttpApi
from coatcheck.web.asgi import SessionMiddleware
from coatcheck.web.cookie import CookiePolicy
from coatcheck.web.cross_origin import CrossOrigin
from coatcheck.web.guard import RouteRules
from coatcheck.web.headers import HeaderPolicy, SecurityHeaders
from coatcheck.web.origin import OriginPolicy
from coatcheck.web.paths import safe_target
from coatcheck.web.rule import Rule, guests_only, protected, public

__all__ = [
    "CookiePolicy",
    "CrossOrigin",
    "HeaderPolicy",
    "HttpApi",
    "OriginPolicy",
    "RouteRules",
    "Rule",
    "SecurityHeaders",
    "SessionMiddleware",
    "guests_only",
    "protected",
    "public",
    "safe_target",
]
