"""What is known of one request, and what of it may be shown."""

from coatcheck import Session, SessionManager
from coatcheck.stores.memory import MemoryStore
from coatcheck.web import CookiePolicy, OriginPolicy, RouteRules
from coatcheck.web.exchange import Exchange
from coatcheck.web.fields import Sender
from coatcheck.web.gate import Gate
from coatcheck.web.places import Places


async def nowhere(*_parts):
    """Stand for an app, and for what takes its messages."""


def test_its_repr_shows_no_credential():
    scope = {"method": "GET", "path": "/mine", "headers": [(b"cookie", b"__Host-session=secret")]}
    gate = Gate(SessionManager(MemoryStore()), RouteRules(), CookiePolicy(), OriginPolicy())
    place = Places(nowhere, gate.rules, None).find(scope)
    exchange = Exchange(gate, scope, Sender(scope["headers"]), place, Session(), nowhere)
    assert repr(exchange) == "<Exchange at /mine>"
