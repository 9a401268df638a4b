import pytest

from coatcheck import ConfigurationError
from coatcheck.web import RouteRules, public
from coatcheck.web.access import require
from tests.web.support import World, call


async def test_a_rule_that_lets_visitors_in_cannot_say_who_is_signed_in():
    async def handler(scope, receive, send):
        await require(scope, public("/"))

    app = World().app(handler, RouteRules([public("/")]))
    with pytest.raises(ConfigurationError, match="lets in visitors"):
        await call(app, "GET", "/")
